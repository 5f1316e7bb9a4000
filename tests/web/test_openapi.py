"""The OpenAPI document: complete, true, and readable in a browser without a network."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bot.services.sessions import Refusal
from bot.web.problems import PROBLEMS
from tests.conftest import SQLITE
from tests.web.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from bot.services.clients import Person
    from tests.web.conftest import Site

SCHEMATHESIS = (
    *(sys.executable, "-m", "schemathesis.cli", "run"),
    *("--checks", "all"),
    *("--phases", "examples,coverage,fuzzing"),
    *("--max-examples", "4"),
    *("--seed", "1"),
    "--generation-deterministic",
    "--continue-on-failure",
)
CONFIGURATION = """
# a text may fit the schema and be no name, or no cursor, all the same: blank, with control characters, made up
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "429"]

# made-up ids name no device: these two find one, whose limit is out of reach
[[operations]]
include-path-regex = "(rotate|[}])$"
parameters = { "path.device_id" = "%s" }
"""


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.fixture
async def document(site: Site) -> Any:
    answer = await site.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_says_what_it_does_and_what_can_go_wrong(document: Any) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        answers = operation["responses"]
        assert "422" not in answers, "invalid requests are 400 here"
        for status, answer in answers.items():
            if status.startswith("2"):
                assert "application/json" in answer["content"], name
                continue
            examples = answer["content"]["application/problem+json"]["examples"]
            for code, example in examples.items():
                assert example["value"]["code"] == code
                assert str(example["value"]["status"]) == status
        if name != "GET /api/v1/time":
            assert {"500", "503"} <= set(answers), name


def test_every_error_code_is_documented_somewhere(document: Any) -> None:
    documented = set()
    for _, operation in operations(document):
        for answer in operation["responses"].values():
            documented |= set(answer["content"].get("application/problem+json", {}).get("examples", ()))
    assert documented >= {code for _, code in PROBLEMS.values()} | {str(reason) for reason in Refusal}
    assert documented >= {"invalid_request", "contains_secret", "request_too_large", "request_too_slow"}
    assert documented >= {"device_revoked", "internal_error", "database_unavailable"}


def test_every_field_has_an_example(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, definition in schema.get("properties", {}).items():
            kinds = definition.get("anyOf", [definition])
            is_plain = all(kind.get("type") in {"boolean", "null"} for kind in kinds)
            refers = "$ref" in json.dumps(definition)
            assert is_plain or refers or "examples" in json.dumps(definition), f"{name}.{field}"


def test_the_document_holds_no_secret_in_form(document: Any) -> None:
    assert not re.search(r"dsk1_[0-9A-Za-z]{59}", json.dumps(document))


async def test_the_page_loads_nothing_from_elsewhere(site: Site) -> None:
    page = await site.http.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http" not in page.text
    assert "//" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for address in loaded:
        asset = await site.http.get(f"/{address}")
        assert asset.status_code == 200, address
        assert asset.content
    start = (await site.http.get("/docs/start.js")).text
    assert "http" not in start
    # the browser would otherwise ask a validator elsewhere, and keep the token
    assert "validatorUrl: null" in start
    assert "persistAuthorization: false" in start
    style = (await site.http.get("/docs/swagger-ui.css")).text
    assert not re.search(r"url\(\s*[\"']?(https?:)?//", style)


async def test_the_page_gives_no_other_file_away(site: Site) -> None:
    for path in ("/docs/..%2fmain.py", "/docs/%2e%2e/main.py", "/docs//etc/passwd", "/docs/", "/docs/nothing"):
        answer = await site.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_schemathesis_finds_nothing_that_the_document_does_not_say(
    build_site: Callable[..., Awaitable[Site]], anna: Person, tmp_path: Path
) -> None:
    site = await build_site(device_limit=100_000)
    device, _ = await site.device(anna)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION % device.id)
    async with serving(site.door.app) as port:
        process = await asyncio.create_subprocess_exec(
            *SCHEMATHESIS,
            "--header",
            f"Authorization: Bearer {await site.token(anna)}",
            f"http://127.0.0.1:{port}/openapi.json",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
