"""What is MetaTrader's own: its traps, its files, its errors, and what the include keeps away from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from bot.connectors import read_connector
from tests.connectors.conftest import DEVICE_ID, OTHER_SECRET, SECRET
from tests.connectors.generator import NOW
from tests.connectors.terminal import translate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.registry import Registry
    from tests.connectors.terminal import Terminal

SOURCE = read_connector("DeviceAuth.mqh").decode("ascii")
CODE = re.sub(r"""("(?:\\.|[^"\\\n])*"|'\\?.')|//.*""", lambda found: "TEXT" if found[1] else "", SOURCE)
"""The include without comments, and without what its texts say."""


@pytest.fixture
def terminal_with_file(terminal: Terminal, registry: Registry, secret_file: Path) -> Terminal:
    """A terminal that has the secret's file and may reach the registry."""
    secret_file.parent.joinpath("common").mkdir()
    terminal.do("folders", str(secret_file.parent), str(secret_file.parent / "common"))
    terminal.do("set_clock", NOW)
    terminal.do("allow", registry.url)
    return terminal


class TestTheSource:
    def test_it_is_plain_ascii_with_short_lines(self) -> None:
        assert all(len(line) <= 120 and line == line.rstrip() for line in SOURCE.split("\n"))
        assert "\t" not in SOURCE
        assert "\r" not in SOURCE

    @pytest.mark.parametrize(
        "name", ["Print", "PrintFormat", "Comment", "Alert", "SendMail", "FileWrite", "GlobalVariableSet", "Sleep"]
    )
    def test_it_shows_nothing_writes_nothing_and_never_sleeps(self, name: str) -> None:
        assert not re.search(rf"\b{name}\w*\s*\(", CODE)

    @pytest.mark.parametrize("name", ["TimeCurrent", "TimeLocal", "TimeTradeServer", "MathSrand"])
    def test_it_uses_no_time_but_utc_and_leaves_the_programs_chance_alone(self, name: str) -> None:
        assert name not in CODE

    def test_only_the_declarations_of_arrays_are_translated_for_the_test(self) -> None:
        before, after = SOURCE.split("\n"), translate(SOURCE).split("\n")
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert all("[]" in old for old, _ in changed)
        assert "[]" in CODE
        assert "[]" not in translate(CODE)

    def test_every_method_that_is_declared_is_defined(self) -> None:
        declared = set(re.findall(r"^ {3}(?:static )?\w+ +(\w+)\([^)]*\)(?: const)?;", CODE, re.MULTILINE))
        declared |= set(re.findall(r"^ {3}(?:static )?\w+ +(\w+)\([^)]*$", CODE, re.MULTILINE))
        defined = set(re.findall(r"^\w+ CDeviceAuth::(\w+)\(", CODE, re.MULTILINE))
        assert {name for name in declared if name[0].isupper()} == defined


class TestStrings:
    @pytest.mark.parametrize("text", ["", "a", "Zażółć", "€", "😀", "a\nb"])
    def test_a_text_becomes_its_bytes_without_nul_and_without_what_was_there(
        self, terminal: Terminal, text: str
    ) -> None:
        assert terminal.do("utf8", text) == [text.encode().hex()]

    def test_a_header_is_found_in_any_case_and_only_as_a_whole(self, terminal: Terminal) -> None:
        headers = "Not-Retry-After: 1\r\nretry-AFTER:  7 \r\nX-Other: Retry-After: 9\r\n"
        assert terminal.do("header", headers, "Retry-After") == ["7"]
        assert terminal.do("header", headers, "After") == [""]
        assert terminal.do("header", "A: 1", "A") == ["1"]
        assert terminal.do("header", "", "A") == [""]

    @pytest.mark.parametrize(
        ("text", "milliseconds"), [("30", 30_000), ("0", 1000), ("-1", 1000), ("1e9", 1000), ("999999999", 3_600_000)]
    )
    def test_retry_after_has_bounds(self, terminal: Terminal, text: str, milliseconds: int) -> None:
        assert terminal.do("retry_after", f"Retry-After: {text}\r\n", 1000) == [str(milliseconds)]


class TestJson:
    @pytest.mark.parametrize(
        "value",
        ["", "plain", 'a "quoted" \\ / text', "tab\tfeed\n\r\b\f", "Zażółć €", "{[,:]}", "😀", 0, -7, True, 1.5],
    )
    @pytest.mark.parametrize("is_ascii", [True, False])
    def test_a_field_is_read_as_it_was_written(self, terminal: Terminal, value: object, *, is_ascii: bool) -> None:
        fields = {"before": {"wanted": "no", "deep": [1, {"a": "}"}]}, "wanted": value, "after": None}
        expected = value if isinstance(value, str) else json.dumps(value)
        for text in (json.dumps(fields, ensure_ascii=is_ascii), json.dumps(fields, indent=2, ensure_ascii=is_ascii)):
            assert terminal.do("json", text, "wanted") == ["true", expected]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "null",
            "[]",
            '["wanted"]',
            '{"other":1}',
            '{"wanted":null}',
            '{"wanted":{}}',
            '{"wanted":["a"]}',
            '{"wanted":',
            '{"wanted":"',
            '{"wanted":"a',
            '{"wanted":"\\u12',
            '{"wanted":"\\uZZZZ"}',
            '{"wanted" "a"}',
            '{wanted:"a"}',
            '{"a":{"wanted":1}}',
            '{"a":"\\"wanted\\":1"}',
            '{"a":[[[[',
            '{"a":1 "wanted":2}',
            '{"wanted":}',
            '{,"wanted":1}',
        ],
    )
    def test_what_is_not_there_is_not_found(self, terminal: Terminal, text: str) -> None:
        assert terminal.do("json", text, "wanted") == ["false", ""]


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "origin", "host"),
        [
            ("https://devices.example.com", "https://devices.example.com", "devices.example.com"),
            (" HTTPS://Devices.Example.COM/ ", "https://devices.example.com", "devices.example.com"),
            ("https://devices.example.com:443", "https://devices.example.com", "devices.example.com"),
            ("https://devices.example.com:8443/", "https://devices.example.com:8443", "devices.example.com:8443"),
            ("https://devices.example.com:80", "https://devices.example.com:80", "devices.example.com:80"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://localhost:80", "http://localhost", "localhost"),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
        ],
    )
    def test_an_address_is_signed_as_windows_sends_it(
        self, terminal: Terminal, url: str, origin: str, host: str
    ) -> None:
        assert terminal.do("origin", url) == [origin, host, ""]

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "devices.example.com",
            "ftp://devices.example.com",
            "https://",
            "https:///",
            "https://:8080",
            "https://devices.example.com/api",
            "https://devices.example.com?a",
            "https://devices.example.com#a",
            "https://user@devices.example.com",
            "https://żółw.example",
            "https://devices.example.com\r\nX-Evil: 1",
            "http://devices.example.com",
            "http://127.evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "http://[::2]",
        ],
    )
    def test_an_address_that_is_none_or_not_safe_is_refused(self, terminal: Terminal, url: str) -> None:
        origin, host, fault = terminal.do("origin", url)
        assert not origin
        assert fault
        assert host == host.lower()

    @pytest.mark.parametrize(
        "target", ["/", "/a%2Fb?c=%20&d=/../", "/a/b..c/.d", "//a", "/~user/:@!$&'()*+,;=", "/a[0]?b[]=1"]
    )
    def test_a_target_that_travels_unchanged_is_sent(self, terminal: Terminal, target: str) -> None:
        assert terminal.do("is_sendable", target) == ["true"]

    @pytest.mark.parametrize(
        "target",
        ["", "a", "/a b", "/a/../b", "/a/./b", "/a/..", "/a/.?b", '/"', "/<", "/\\", "/{}", "/|", "/é", "/\x7f"],
    )
    def test_a_target_that_windows_would_rewrite_is_not(self, terminal: Terminal, target: str) -> None:
        assert terminal.do("is_sendable", target) == ["false"]


class TestInit:
    def test_a_terminal_that_computes_something_else_sends_nothing(
        self, terminal_with_file: Terminal, registry: Registry
    ) -> None:
        terminal_with_file.do("break")
        ready, text = terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "")
        assert (ready, "Self-test failed at: RFC 4231, case 1" in text) == ("false", True)
        assert terminal_with_file.request("GET", "/api/v1/me").result == -1
        assert registry.received == []

    def test_the_strategy_tester_is_told_apart(self, terminal_with_file: Terminal, registry: Registry) -> None:
        terminal_with_file.do("be_tester")
        ready, text = terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "")
        assert (ready, "Strategy Tester" in text) == ("false", True)

    def test_nothing_is_sent_before_init(self, terminal: Terminal) -> None:
        assert "Init" in terminal.request("GET", "/").text

    @pytest.mark.parametrize("device_id", ["", "7", DEVICE_ID[:-1], DEVICE_ID[:-1] + '"', DEVICE_ID + "0"])
    def test_a_device_id_must_be_one(self, terminal_with_file: Terminal, registry: Registry, device_id: str) -> None:
        ready, text = terminal_with_file.do("init", registry.url, device_id, "device.secret", "false", "")
        assert (ready, "UUID" in text) == ("false", True)

    @pytest.mark.parametrize(
        "content",
        [
            SECRET.encode(),
            f"{SECRET}\r\n".encode(),
            f"\n\n  {SECRET}  \nmore\n".encode(),
            b"\xef\xbb\xbf" + SECRET.encode(),
        ],
        ids=["bare", "CRLF", "blank lines", "UTF-8 mark"],
    )
    @pytest.mark.parametrize("decodes", [True, False])
    def test_the_secret_is_found_in_its_file(
        self, terminal_with_file: Terminal, registry: Registry, secret_file: Path, content: bytes, *, decodes: bool
    ) -> None:
        secret_file.write_bytes(content)
        if not decodes:
            terminal_with_file.do("decode_nothing")
        assert terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "") == ["true", ""]
        assert terminal_with_file.request("GET", "/").result == 200
        assert SECRET not in terminal_with_file.said

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"", "empty"),
            (b"\n\n", "empty"),
            (SECRET[:-1].encode(), "63 characters"),
            (SECRET.encode("utf-16"), "plain text"),
            (OTHER_SECRET.replace("ABC", "ACB").encode(), "checksum"),
            (b'"' + SECRET.encode() + b'"', "66 characters"),
        ],
    )
    def test_a_file_without_a_secret_is_reported_without_its_content(
        self, terminal_with_file: Terminal, registry: Registry, secret_file: Path, content: bytes, word: str
    ) -> None:
        secret_file.write_bytes(content)
        ready, text = terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "")
        assert ready == "false"
        assert word in text
        assert SECRET[5:40] not in text
        assert OTHER_SECRET[20:40] not in text

    def test_a_file_that_is_not_there_is_reported_with_its_place(
        self, terminal_with_file: Terminal, registry: Registry
    ) -> None:
        ready, text = terminal_with_file.do("init", registry.url, DEVICE_ID, "other.secret", "false", "")
        assert ready == "false"
        assert "other.secret" in text
        assert "MQL5/Files" in text
        assert "5004" in text

    def test_the_common_folder_is_another_one(
        self, terminal_with_file: Terminal, registry: Registry, secret_file: Path
    ) -> None:
        secret_file.parent.joinpath("common", "device.secret").write_text(OTHER_SECRET, encoding="ascii")
        init = ("init", registry.url, DEVICE_ID, "device.secret")
        assert terminal_with_file.do(*init, "true", "") == ["true", ""]
        assert terminal_with_file.do("fingerprint") == ["0a8ca5ce"]
        assert terminal_with_file.do(*init, "false", "") == ["true", ""]
        assert terminal_with_file.do("fingerprint") == ["94a2a1df"]


class TestWebRequest:
    @pytest.fixture
    def ready(self, terminal_with_file: Terminal, registry: Registry) -> Terminal:
        """A terminal that is set up."""
        assert terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "") == ["true", ""]
        return terminal_with_file

    def test_a_url_that_is_not_allowed_is_reported_with_what_to_do(self, terminal_with_file: Terminal) -> None:
        terminal_with_file.do("init", "http://127.0.0.1:9", DEVICE_ID, "device.secret", "false", "")
        outcome = terminal_with_file.request("GET", "/api/v1/me")
        assert outcome.result == -1
        assert "4014" in outcome.text
        assert "Tools > Options > Expert Advisors > Allow WebRequest" in outcome.text
        assert "add http://127.0.0.1:9 ." in outcome.text

    @pytest.mark.parametrize(
        ("error", "word"),
        [(5200, "invalid"), (5201, "firewall"), (5202, "too long"), (5203, "5203"), (1001, "1001"), (1003, "1003")],
    )
    def test_no_answer_is_explained_and_never_taken_for_a_status(self, ready: Terminal, error: int, word: str) -> None:
        ready.request("GET", "/api/v1/me")
        ready.do("fail_with", error)
        outcome = ready.request("GET", "/api/v1/me")
        assert outcome.result == -1
        assert word in outcome.text

    def test_a_terminal_without_a_server_does_not_block_at_every_tick(self, ready: Terminal) -> None:
        ready.do("fail_with", 5202)
        assert "too long" in ready.request("GET", "/").text
        again = ready.request("GET", "/")
        assert "too long" in again.text
        assert again.retry_in == 1

    def test_nonces_differ_even_when_time_and_chance_stand_still(self, ready: Terminal, registry: Registry) -> None:
        for _ in range(20):
            assert ready.request("GET", "/").result == 200
        assert len({request.headers["X-Nonce"] for request in registry.accepted}) == 20

    def test_an_answer_in_utf8_is_read_as_such(self, ready: Terminal) -> None:
        assert json.loads(ready.request("GET", "/").answer) == {"device_name": "VPS-1 Zażółć"}

    def test_the_offset_tells_how_wrong_the_clock_is(self, terminal_with_file: Terminal, registry: Registry) -> None:
        terminal_with_file.do("set_clock", NOW - 3_600_000)
        terminal_with_file.do("init", registry.url, DEVICE_ID, "device.secret", "false", "")
        assert terminal_with_file.request("GET", "/").clock_offset == 3_600_000
