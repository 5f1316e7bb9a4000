"""docs/security.md says nothing that no test tries to break."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?!threat \||---)(.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
CHAPTERS = (
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
    "What is not protected",
)


def test_every_row_names_a_test_that_exists() -> None:
    assert len(ROWS) > 30
    for threat, _, named in ROWS:
        path, _, name = named.partition("::")
        assert (ROOT / path).is_file(), f"{threat}: {path}"
        if name:
            assert re.search(rf"def {name}\(", (ROOT / path).read_text("utf-8")), f"{threat}: {named}"


def test_every_line_of_a_table_is_a_row() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(lines) == len(ROWS)


def test_all_six_kinds_of_threats_are_there_and_what_is_not_promised() -> None:
    found = re.findall(r"^## ([^:\n]+)", PAGE, re.MULTILINE)
    assert tuple(found) == CHAPTERS


def test_the_readme_leads_there() -> None:
    assert "](docs/security.md)" in (ROOT / "README.md").read_text("utf-8")
