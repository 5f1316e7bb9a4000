"""`compose.yaml` and what it runs are valid, and speak of a program that there is."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from bot.settings import Settings
from bot.web.bounds import MAX_BODY
from bot.web.webhook import MAX_UPDATE
from bot.web.webhook import PATH as WEBHOOK_PATH
from tests.forward_auth.nginx import NGINX, command, prepare
from tests.test_documents import commands

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("device-registry")}
DOCKERFILE = (ROOT / "Dockerfile").read_text("ascii")
NGINX_CONF = ROOT / "docs" / "compose-nginx.conf"
CONFIGURATION = NGINX_CONF.read_text("ascii")
NOT_OURS = {"PGPASSWORD"}
"""What the driver reads, and no setting of the program's."""


def address_of(name: str) -> str:
    return str(SERVICES[name]["networks"]["inside"]["ipv4_address"])


def test_it_is_valid_and_all_that_it_refers_to_is_in_it() -> None:
    # as JSON, because there the merge keys are done with
    parsed = PyCompose.from_json(json.dumps(yaml.safe_load(COMPOSE)))
    parsed.validate()
    assert set(parsed.service_names()) == set(SERVICES)
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)


def test_there_are_three_doors_two_bots_and_one_step_that_migrates() -> None:
    run = [service["command"] for service in OURS.values()]
    assert sorted(run) == [["api"]] * 3 + [["migrate"]] + [["run"]] * 2
    assert all(set(service["command"]) <= commands() for service in OURS.values())
    for name, service in OURS.items():
        waits = service["depends_on"]
        condition = waits["postgres" if name == "migrate" else "migrate"]["condition"]
        assert condition == ("service_healthy" if name == "migrate" else "service_completed_successfully")


def test_every_variable_is_a_setting_that_accepts_its_value() -> None:
    known = {field.upper() for field in Settings.model_fields}
    for service in OURS.values():
        given = service["environment"]
        assert set(given) - NOT_OURS <= known
        values = {name.lower(): value for name, value in given.items() if name not in NOT_OURS}
        key, token = {"server_key": "0123456789abcdef" * 4}, {"bot_token": "123456789:AAsomething"}
        settings = Settings(**(values | key | token), _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own
        assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104 - inside a container
        assert settings.trusted_proxies == (address_of("nginx"),)
        assert f"@{address_of('postgres')}/" in settings.database_url.get_secret_value()


def test_no_password_or_key_stands_in_it() -> None:
    assert not re.findall(r"://[^/\s:]+:[^@\s]+@", COMPOSE)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|TOKEN", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?set it in \.env\}", value), name


def test_what_must_be_in_env_is_told() -> None:
    told = set(re.findall(r"^#     ([A-Z_]+)=", COMPOSE, re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE))
    assert told == asked | {"BOT_TOKEN"}


def test_nobody_is_root_and_nobody_writes_where_nothing_is_kept() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) if name in OURS else service["user"]
        assert user
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert "\nUSER 10001:10001\n" in last_stage


def test_every_health_check_asks_for_what_there_is() -> None:
    served = {"/readyz", "/healthz"}
    for name, service in OURS.items():
        if name != "migrate":
            [call] = re.findall(r"urlopen\('http://127\.0\.0\.1:8080(/\w+)'", service["healthcheck"]["test"][-1])
            assert call in served
            # a standby is not ready, and yet nothing is wrong with it
            assert call == ("/healthz" if service["command"] == ["run"] else "/readyz")
    assert SERVICES["nginx"]["healthcheck"]["test"][-1] == "http://127.0.0.1:8081/"
    assert "listen 127.0.0.1:8081;" in CONFIGURATION


def test_nginx_leads_to_every_door_and_every_bot() -> None:
    for upstream, what in (("doors", "api"), ("bots", "run")):
        block = re.search(rf"upstream {upstream} {{(.*?)\n}}", CONFIGURATION, re.DOTALL)
        assert block is not None
        found = re.findall(r"server (\S+):8080 ", block[1])
        assert found == [address_of(name) for name, one in OURS.items() if one["command"] == [what]]


def test_nginx_lets_through_what_the_program_takes() -> None:
    general, webhook = (int(size) * 1024 for size in re.findall(r"client_max_body_size (\d+)k;", CONFIGURATION))
    assert (general, webhook) == (MAX_BODY, MAX_UPDATE)
    assert f"location = {WEBHOOK_PATH} {{" in CONFIGURATION


def test_nginx_finds_what_the_containers_mount() -> None:
    secrets = {f"/run/secrets/{name}" for name in SERVICES["nginx"]["secrets"]}
    assert set(re.findall(r"ssl_certificate(?:_key)? (\S+);", CONFIGURATION)) == secrets
    mounted = [volume.split(":")[0] for volume in SERVICES["nginx"]["volumes"]]
    assert mounted == ["./docs/compose-nginx.conf"]
    ports = [port.rpartition(":")[2] for port in SERVICES["nginx"]["ports"]]
    assert ports == re.findall(r"listen (\d+) ssl;", CONFIGURATION)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed; on Debian: apt-get install nginx")
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    prepare(NGINX_CONF, tmp_path, ())
    checked = subprocess.run(command(tmp_path, "-t"), capture_output=True, text=True, check=False)  # noqa: S603 - nginx
    assert checked.returncode == 0, checked.stderr


def test_the_image_is_made_of_what_there_is() -> None:
    copied = [
        part for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for part in line.split()
    ]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("ascii").splitlines() if line.startswith("!")}
    assert let_in == set(copied)
    assert all((ROOT / path).exists() for path in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    least = tuple(int(part) for part in project["requires-python"].removeprefix(">=").split("."))
    versions = re.findall(r"^FROM python:(\d+)\.(\d+)-", DOCKERFILE, re.MULTILINE)
    assert len(versions) == 2
    assert all(tuple(map(int, version)) >= least for version in versions)
    assert 'ENTRYPOINT ["python", "-m", "bot"]' in DOCKERFILE
    assert set(re.findall(r'^CMD \["(\w+)"\]', DOCKERFILE, re.MULTILINE)) <= commands()
