"""One file of vectors, and everything that computes: the generator, both connectors, the server's own code."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.connectors import device_auth, read_connector
from bot.services import hashing
from tests.connectors.generator import RFC_4231, render

if TYPE_CHECKING:
    from tests.connectors.terminal import Terminal

VECTORS: dict[str, Any] = json.loads(read_connector("vectors.json"))
HMAC = [pytest.param(one, id=f"case {one['case']}") for one in VECTORS["hmac_sha256"]]
VALID = [pytest.param(one, id=one["fingerprint"]) for one in VECTORS["secrets"]["valid"]]
INVALID = [pytest.param(one["text"], id=one["why"]) for one in VECTORS["secrets"]["invalid"]]
SIGNING = [pytest.param(one, id=one["name"]) for one in VECTORS["signing"]]
CLOCK = [pytest.param(one, id=one["name"]) for one in VECTORS["clock"]]


class TestTheFile:
    def test_it_is_what_the_generator_makes(self) -> None:
        assert read_connector("vectors.json").decode() == render()

    def test_the_rfc_is_quoted_whole_but_for_the_truncated_case(self) -> None:
        assert [case[0] for case in RFC_4231] == [1, 2, 3, 4, 6, 7]
        assert [len(case[1]) for case in RFC_4231] == [20, 4, 20, 25, 131, 131]
        assert [len(case[2]) for case in RFC_4231] == [8, 28, 50, 50, 54, 152]

    @pytest.mark.parametrize("vector", SIGNING)
    def test_each_signature_follows_from_its_parts(self, vector: dict[str, Any]) -> None:
        lines = vector["string_to_sign"].split("\n")
        assert lines[0] == "v1"
        assert lines[1:4] == [vector["method"], vector["host"].lower(), vector["target"]]
        assert lines[4:] == [str(vector["timestamp"]), vector["nonce"], vector["content_sha256"]]
        assert re.fullmatch(r"[0-9]{13}", lines[4])
        assert re.fullmatch(r"[A-Za-z0-9_-]{16,64}", vector["nonce"])
        assert hashlib.sha256(vector["body"].encode()).hexdigest() == vector["content_sha256"]
        digest = hmac.digest(vector["signing_key"].encode(), vector["string_to_sign"].encode(), "sha256")
        assert digest.hex() == vector["signature"]

    def test_they_differ_in_every_part(self) -> None:
        for part in ("signing_key", "method", "host", "target", "timestamp", "nonce", "body"):
            assert len({vector[part] for vector in VECTORS["signing"]}) > 1, part
        assert "" in {vector["body"] for vector in VECTORS["signing"]}


class TestTheServersSecret:
    @pytest.mark.parametrize("vector", VALID)
    def test_it_takes_the_valid_and_shows_the_same_fingerprint(self, vector: dict[str, str]) -> None:
        assert hashing.is_well_formed(vector["secret"])
        assert hashing.fingerprint(vector["secret"]) == vector["fingerprint"]

    @pytest.mark.parametrize("text", INVALID)
    def test_it_takes_none_of_the_others(self, text: str) -> None:
        assert not hashing.is_well_formed(text)


class TestPython:
    @pytest.mark.parametrize("vector", SIGNING)
    def test_it_signs_the_same(self, vector: dict[str, Any]) -> None:
        digest = device_auth.content_sha256(vector["body"])
        assert digest == vector["content_sha256"]
        text = device_auth.string_to_sign(
            vector["method"],
            vector["host"],
            vector["target"],
            timestamp=vector["timestamp"],
            nonce=vector["nonce"],
            digest=digest,
        )
        assert text == vector["string_to_sign"]
        assert device_auth.sign(vector["signing_key"], text) == vector["signature"]

    @pytest.mark.parametrize("vector", VALID)
    def test_it_knows_a_secret(self, vector: dict[str, str]) -> None:
        assert device_auth.is_well_formed(vector["secret"])
        assert device_auth.fingerprint(vector["secret"]) == vector["fingerprint"]

    @pytest.mark.parametrize("text", INVALID)
    def test_it_knows_what_is_none(self, text: str) -> None:
        assert not device_auth.is_well_formed(text)

    @pytest.mark.parametrize("vector", CLOCK)
    def test_it_sets_its_clock_the_same(self, vector: dict[str, int]) -> None:
        offset = device_auth.clock_offset(vector["server_time"], vector["received_at"])
        assert offset == vector["offset"]
        assert vector["later"] + offset == vector["timestamp"]

    def test_its_self_test_has_no_vector_of_its_own(self) -> None:
        embedded = {**device_auth._EXAMPLE}
        assert embedded.items() <= VECTORS["signing"][0].items()
        assert device_auth._EXAMPLE_SECRET in {one["secret"] for one in VECTORS["secrets"]["valid"]}
        assert {case[2] for case in device_auth._RFC_4231} <= {one["hmac_sha256"] for one in VECTORS["hmac_sha256"]}

    def test_its_self_test_takes_the_file_along(self) -> None:
        assert device_auth.self_test() > len(VECTORS["signing"]) + len(VECTORS["hmac_sha256"]) + 10

    def test_its_self_test_fails_where_the_arithmetic_is_wrong(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(device_auth, "ALPHABET", device_auth.ALPHABET.swapcase())
        with pytest.raises(device_auth.SelfTestFailed):
            device_auth.self_test()


class TestMql5:
    @pytest.mark.parametrize("vector", HMAC)
    def test_its_hmac_is_the_rfcs(self, terminal: Terminal, vector: dict[str, str]) -> None:
        key, data = bytes.fromhex(vector["key"]), bytes.fromhex(vector["data"])
        assert terminal.do("hmac", key, data) == [vector["hmac_sha256"]]

    @pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128])
    def test_its_hmac_is_right_at_the_edges_of_a_block(self, terminal: Terminal, size: int) -> None:
        key = bytes(range(1, size + 1))
        for data in (b"", b"\0", b"a" * 55, b"a" * 56, b"a" * 64, b"a" * 200):
            assert terminal.do("hmac", key, data) == [hmac.digest(key, data, "sha256").hex()]

    @pytest.mark.parametrize("vector", SIGNING)
    def test_it_signs_the_same(self, terminal: Terminal, vector: dict[str, Any]) -> None:
        digest = terminal.do("text_sha256", vector["body"])[0]
        assert digest == vector["content_sha256"]
        parts = (vector["method"], vector["host"], vector["target"], vector["timestamp"], vector["nonce"], digest)
        text = terminal.do("string_to_sign", *parts)[0]
        assert text == vector["string_to_sign"]
        assert terminal.do("sign", vector["signing_key"], text) == [vector["signature"]]

    @pytest.mark.parametrize("vector", VALID)
    def test_it_knows_a_secret(self, terminal: Terminal, vector: dict[str, str]) -> None:
        assert terminal.do("is_well_formed", vector["secret"]) == ["true"]
        assert terminal.do("fingerprint_of", vector["secret"]) == [vector["fingerprint"]]

    @pytest.mark.parametrize("text", INVALID)
    def test_it_knows_what_is_none(self, terminal: Terminal, text: str) -> None:
        assert terminal.do("is_well_formed", text) == ["false"]

    @pytest.mark.parametrize("vector", CLOCK)
    def test_it_sets_its_clock_the_same(self, terminal: Terminal, vector: dict[str, int]) -> None:
        offset = int(terminal.do("offset_from", vector["server_time"], vector["received_at"])[0])
        assert offset == vector["offset"]

    def test_its_self_test_has_no_vector_of_its_own(self) -> None:
        source = read_connector("DeviceAuth.mqh").decode("ascii")
        body = source[source.index("bool CDeviceAuth::SelfTest") :]
        known = read_connector("vectors.json").decode()
        hashes = re.findall(r'"([0-9a-f]{64})"', body)
        assert len(hashes) == 10
        for one in [*hashes, *re.findall(r'"(dsk1_\w+)"', body)]:
            assert f'"{one}"' in known

    def test_its_self_test_passes(self, terminal: Terminal) -> None:
        assert terminal.do("self_test") == ["true", ""]
