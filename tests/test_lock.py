"""The lock pins every release by its hash, and knows all that the program needs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ;\\]+)((?:.*\\\n)(?:\s+--hash=sha256:[0-9a-f]{64}(?: \\\n)?)+)?", re.MULTILINE
)
OWN = "device-registry-bot"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    """Return the lines behind every pinned release."""
    found = PINNED.finditer((ROOT / "requirements.lock").read_text("utf-8"))
    return {normalised(match[1]): match[3] or "" for match in found}


def test_every_release_that_is_locked_has_its_hashes() -> None:
    found = pinned()
    assert len(found) > 50
    assert [name for name, lines in found.items() if "--hash=sha256:" not in lines] == []


def test_all_that_the_program_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {normalised(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in wanted}
    assert names - {OWN} <= set(pinned())
