"""`python -m bot run` without its own pacing: Telegram bears 30 messages a second, which no setting may exceed.

Nothing else is changed. A benchmark that asks what the program itself can do must not measure what Telegram allows.
"""

from __future__ import annotations

import sys

from bot.__main__ import main
from bot.chat import pacing

if __name__ == "__main__":
    pacing.CALLS_PER_SECOND = 1e6
    sys.exit(main(["run"]))
