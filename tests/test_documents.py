"""What the README, .env.example and Procfile claim is true."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.__main__ import _parser
from bot.settings import Settings
from bot.web.bounds import MAX_BODY

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
OWN_TO_THE_SANDBOX = {"CLOCK_SPEED", "CLOCK_ORIGIN"}
SETTINGS = {name.upper() for name in Settings.model_fields} - OWN_TO_THE_SANDBOX
TABLE = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))


def commands() -> set[str]:
    subparsers = next(action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    return set(subparsers.choices)


def test_the_readme_names_every_setting_and_no_other() -> None:
    assert set(TABLE) == SETTINGS


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == SETTINGS


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_readme_tells_the_default_that_is_in_force(name: str) -> None:
    default = Settings.model_fields[name.lower()].get_default()
    told = TABLE[name].strip("`")
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if isinstance(default, timedelta):
        seconds = int(default.total_seconds())
        assert told in {str(seconds), f"{seconds // 3600}h", f"{seconds // 86400}d"}
    elif isinstance(default, tuple):
        assert told == (",".join(map(str, default)) or "empty")
    elif default is None or Settings.model_fields[name.lower()].is_required():
        assert told in {"–", "made beside a SQLite database"}
    else:
        assert told == (str(default) or "empty")


def test_the_example_s_commented_lines_show_the_defaults() -> None:
    for name, value in re.findall(r"^# ([A-Z_]+)=(.+)$", EXAMPLE, re.MULTILINE):
        if name != "PUBLIC_URL":
            assert value == TABLE[name].strip("`"), name


def test_the_example_with_a_token_in_it_is_a_working_configuration(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(EXAMPLE.replace("BOT_TOKEN=", "BOT_TOKEN=123456789:AAsomethingfromBotFather"), "utf-8")
    settings = Settings(_env_file=file)  # type: ignore[call-arg]  # pydantic-settings' own argument
    assert settings.bot_id == 123456789
    assert set(dotenv_values(file)) <= SETTINGS


def test_the_readme_names_every_command_and_no_other() -> None:
    line = next(line for line in README.splitlines() if line.startswith("`bot/__main__.py` is the command line"))
    assert set(re.findall(r"`([a-z]+)`", line)) == commands()
    assert set(re.findall(r"python -m bot ([a-z]+)", README)) <= commands()


def test_the_procfile_runs_commands_that_exist() -> None:
    lines = (ROOT / "Procfile").read_text("ascii").splitlines()
    assert {line.split(": ", 1)[1] for line in lines} <= {f"python -m bot {command}" for command in commands()}


def test_the_readme_has_the_two_commands() -> None:
    assert "\npython3 -m venv .venv && .venv/bin/pip install . && .venv/bin/python -m bot sandbox\n" in README
    assert "\npython3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest\n" in README


def test_the_readme_s_chapters_come_in_order() -> None:
    chapters = re.findall(r"^## (.+)$", README, re.MULTILINE)
    expected = [
        "Two commands",
        "Going live",
        "Growing",
        "Settings",
        "Who may use it",
        "How a secret is protected",
        "The HTTP door",
        "Layout",
    ]
    assert chapters == expected
    assert README.index("is not promised") > README.index("## How a secret is protected")


def test_every_link_to_a_file_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_every_path_in_the_layout_exists() -> None:
    layout = README[README.index("## Layout") :]
    for path in re.findall(r"^((?:bot|storage|tests)/[a-z_/.]*)", layout, re.MULTILINE):
        assert (ROOT / path).exists(), path


def test_the_readme_s_signing_example_is_the_vectors_first_and_right() -> None:
    vector = json.loads((ROOT / "bot/connectors/vectors.json").read_text("utf-8"))["signing"][0]
    told = dict(re.findall(r"^(signing_key|string|signature) +(\S.*)$", README, re.MULTILINE))
    assert told["signing_key"] == vector["signing_key"]
    message = told["string"].replace("\\n", "\n")
    assert message == vector["string_to_sign"]
    computed = hmac.new(told["signing_key"].encode("ascii"), message.encode(), hashlib.sha256).hexdigest()
    assert computed == told["signature"] == vector["signature"]


def test_the_nginx_configuration_allows_the_bodies_that_the_registry_takes() -> None:
    text = (ROOT / "docs/nginx.conf").read_text("utf-8")
    limit = re.search(r"client_max_body_size (\d+)k;", text)
    assert limit is not None
    assert int(limit[1]) * 1024 == MAX_BODY


def test_no_document_speaks_of_the_machine_it_was_written_on() -> None:
    for path in [*ROOT.glob("*.md"), ROOT / ".env.example", *(ROOT / "docs").glob("*.*")]:
        text = path.read_text("utf-8", "replace")
        assert not re.search(r"/(?:home|root|tmp)/", text), path
