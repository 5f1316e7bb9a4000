"""The command line: `python -m bot <command>`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import NoReturn

from bot.settings import SettingsError

BAD_SETTINGS = 2
"""Exit code when a setting keeps the program from starting; standard error says which."""

INTERRUPTED = 130
"""Exit code of what Ctrl-C reached: a copy, or a sandbox before there was anything to stop."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is what a person at the command line reads
        return BAD_SETTINGS
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="A registry of trading devices, in Telegram.")
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser("run", help="be the bot; settings come from the environment and .env")
    run.set_defaults(command=_run)
    api = commands.add_parser("api", help="be the HTTP door alone, beside a bot on the same PostgreSQL")
    api.set_defaults(command=_api)
    migrate = commands.add_parser("migrate", help="bring the database's tables up to date")
    migrate.set_defaults(command=_migrate)
    backup = commands.add_parser("backup", help="copy a SQLite database into a new file, also while the bot runs")
    backup.add_argument("file", type=Path, help="where to; nothing is overwritten")
    backup.set_defaults(command=_backup)
    copy = commands.add_parser("copy", help="move a SQLite installation to PostgreSQL; run again, it goes on")
    copy.add_argument(
        "from_url", metavar="FROM_URL", help="sqlite+aiosqlite:///devices.db, for example; the bot is stopped"
    )
    copy.add_argument("to_url", metavar="TO_URL", help="like postgresql+asyncpg://user@host/database; it is empty")
    copy.set_defaults(command=_copy)
    doctor = commands.add_parser("doctor", help="check what the bot needs, and say what to do about it")
    doctor.set_defaults(command=_doctor)
    sandbox = commands.add_parser("sandbox", help="try the bot in a browser, with a pretend Telegram and no token")
    sandbox.add_argument("--port", type=int, help="port of the page on 127.0.0.1 (8081, or a free one)")
    sandbox.add_argument("--database", help="SQLite file to keep the records in (sandbox.db)")
    sandbox.add_argument("--fresh", action="store_true", help="start with an empty database")
    sandbox.add_argument("--speed", type=float, default=1.0, help="how much faster time goes")
    sandbox.set_defaults(command=_sandbox)
    return parser


def _run(_options: argparse.Namespace) -> int:
    return _work("run")


def _api(_options: argparse.Namespace) -> int:
    return _work("serve_api")


def _migrate(_options: argparse.Namespace) -> int:
    return _work("migrate")


def _backup(options: argparse.Namespace) -> int:
    from storage.backup import BackupRefused  # noqa: PLC0415 - a fault in the arguments is told before the program is loaded

    try:
        return _work("back_up", options.file.absolute())
    except BackupRefused as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 - this is what a person at the command line reads
        return 1


def _copy(options: argparse.Namespace) -> int:
    from bot import logs, moving  # noqa: PLC0415 - a fault in the arguments is told before the program is loaded
    from bot.services.moves import CountsDiffer, MoveRefused  # noqa: PLC0415

    logs.configure("WARNING", "text")
    os.umask(0o077)
    try:
        print(asyncio.run(moving.copy(options.from_url, options.to_url)))  # noqa: T201 - as below
    except MoveRefused as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 - this is what a person at the command line reads
        return BAD_SETTINGS
    except (moving.MoveFailed, CountsDiffer) as failure:
        print(f"the copy has not ended: {failure}", file=sys.stderr)  # noqa: T201 - as above
        return 1
    except KeyboardInterrupt:
        print("stopped; run the same again: it goes on", file=sys.stderr)  # noqa: T201 - as above
        return INTERRUPTED
    return 0


def _work(task: str, *arguments: object) -> int:
    """Do what a function of `bot.process` does. The files it makes are for this user only."""
    from bot import logs, process  # noqa: PLC0415 - a fault in the arguments is told before the program is loaded
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    os.umask(0o077)
    process.drive(getattr(process, task)(settings, *arguments))
    return 0


def _doctor(_options: argparse.Namespace) -> int:
    from bot import doctor, logs  # noqa: PLC0415

    logs.configure("ERROR", "text")
    findings = asyncio.run(doctor.examine())
    print(*findings, sep="\n")  # noqa: T201 - this is what a person at the command line reads
    return doctor.exit_code(findings)


def _sandbox(options: argparse.Namespace) -> NoReturn:
    from bot.sandbox.play import play  # noqa: PLC0415 - the bot itself needs no sandbox

    try:
        code = play(port=options.port, database=options.database, fresh=options.fresh, speed=options.speed)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.stdout.flush()
    sys.stderr.flush()
    # everything is put away; on a busy machine it takes seconds to take the interpreter apart, and Ctrl-C promises two
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
