"""Who may import whom, what travels in a wheel, and what a module may be called."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (ROOT / "bot", ROOT / "storage")
DOORS = {"telegram", "fastapi", "starlette", "httpx", "aiohttp", "uvicorn", "pydantic_settings", "bot.chat", "bot.web"}
SAYS_NOTHING = {"utils", "util", "helpers", "common", "manager", "managers", "base", "misc", "core", "shared"}
UNMISTAKABLE = {"profile", "trace"}
"""Python's own two watch programs run; nobody takes a bot's profile or a request's trace for them."""

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sys.modules)
"""


def read_settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def run(*arguments: str) -> str:
    """Run Python from the repository's root and return what it printed; fail with what it complained about."""
    finished = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def load(*packages: str) -> set[str]:
    """Load all modules of the packages in a process of their own, without those that migrate; return what is loaded."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules()]
    chosen = [name for name in names if name.startswith(packages) and ".migrations." not in name]
    assert len(chosen) > len(packages)
    return set(run("-c", IMPORT_ALL, *chosen).split())


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in package.rglob("*.py")]


def test_every_import_contract_is_kept() -> None:
    contracts = read_settings()["tool"]["importlinter"]["contracts"]
    told = run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")
    for contract in contracts:
        assert f"{contract['name']} KEPT" in told


def test_the_contracts_name_every_part_of_the_program() -> None:
    """A part that no contract knows could import whatever it likes."""
    contracts = read_settings()["tool"]["importlinter"]["contracts"]
    named = {
        name.strip()
        for contract in contracts
        for key in ("layers", "source_modules")
        for entry in contract.get(key, [])
        for name in entry.split("|")
    }
    parts = {f"bot.{path.name}" for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists()}
    assert parts <= named


@pytest.mark.parametrize("package", ["storage", "bot.services"])
def test_the_rules_and_the_storage_load_no_door_however_far_away(package: str) -> None:
    loaded = load(package)
    assert package in loaded
    assert not loaded & DOORS
    if package == "storage":
        assert not {name for name in loaded if name.startswith("bot")}


def test_alembic_is_loaded_only_to_migrate() -> None:
    """It is large, and a bot that runs has no use for it."""
    assert "alembic" not in load("storage", "bot.services")


def test_every_file_that_no_package_brings_along_is_named_for_the_wheel() -> None:
    """Setuptools takes the Python files of packages by itself, and nothing else."""
    patterns: dict[str, list[str]] = read_settings()["tool"]["setuptools"]["package-data"]
    named = {
        path
        for package, globs in patterns.items()
        for glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
    }
    files = {
        path
        for package in PACKAGES
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".DS_Store"
    }
    brought = {path for path in files if path.suffix == ".py" and (path.parent / "__init__.py").exists()}
    assert files - brought - named == set()


def test_no_module_is_called_like_a_standard_one_or_like_nothing() -> None:
    called = {path.stem for path in modules()} - {"__init__", "__main__"} - UNMISTAKABLE
    assert called & SAYS_NOTHING == set()
    assert called & sys.stdlib_module_names == set()
