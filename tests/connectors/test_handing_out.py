"""What is handed out is there, is named, and is nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot.connectors
from bot.connectors import CONNECTOR_FILES, read_connector

FOLDER = Path(bot.connectors.__file__).parent


def test_every_file_of_the_package_is_handed_out() -> None:
    there = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert {file.name for file in CONNECTOR_FILES} == there - {"__init__.py"}


@pytest.mark.parametrize("file", CONNECTOR_FILES, ids=lambda file: file.name)
def test_a_file_is_handed_out_as_it_is(file: bot.connectors.ConnectorFile) -> None:
    assert read_connector(file.name) == (FOLDER / file.name).read_bytes()
    assert read_connector(file.name).decode()
    assert "/" in file.media_type


@pytest.mark.parametrize(
    "name", ["", ".", "__init__.py", "../__init__.py", "/etc/passwd", "device_auth.py/", "DEVICEAUTH.MQH"]
)
def test_nothing_else_is_handed_out(name: str) -> None:
    with pytest.raises(KeyError):
        read_connector(name)


def test_the_package_imports_nothing_else_of_the_program() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("bot", "storage")]
