"""Where bots are born quickly: a process that has loaded the program, and forks one on each request.

One JSON object a line, in and out: {"start": environment, "folder": …, "log": …} → {"pid": …};
{"wait": pid} → {"code": …}, once that process has ended. A child is `python -m bot run`, with the probe around it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from typing import Any, NoReturn

# loaded once, for all
import asyncpg  # noqa: F401
import pydantic.v1  # noqa: F401

import bot.process  # noqa: F401
import storage.migrations  # noqa: F401
from bot.__main__ import main
from bot.chat import transport
from bot.chat.words import list_languages, load_words
from tests.reliability import probe


def _live(asked: dict[str, Any]) -> NoReturn:
    """Be a bot until the end of this process."""
    code = 1
    try:
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(number, file)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["start"])
        probe.install()
        code = main(["run"])
    except BaseException:  # noqa: BLE001 - this process ends here whatever happens, and says why
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def serve() -> None:
    """Answer until standard input ends."""
    # all this takes a while, and is the same for all
    transport._authorities()
    for language in list_languages():
        load_words(language)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        if "start" in asked:
            pid = os.fork()
            if not pid:
                _live(asked)
            answer = {"pid": pid}
        else:
            _, status = os.waitpid(asked["wait"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        print(json.dumps(answer), flush=True)  # noqa: T201 - this is how it answers


if __name__ == "__main__":
    serve()
