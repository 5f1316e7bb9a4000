"""What is Python's own: its settings, its errors and what they keep to themselves, threads, the command line."""

from __future__ import annotations

import ast
import copy
import json
import logging
import pickle
import shutil
import ssl
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.connectors import device_auth, read_connector
from bot.connectors.device_auth import (
    DeviceAuthError,
    DeviceClient,
    ExposedSecretFile,
    InsecureAddress,
    InvalidSecret,
    InvalidSetting,
    Refused,
    TryLater,
    UnexpectedAnswer,
    Unreachable,
)
from tests.connectors.conftest import DEVICE_ID, OTHER_SECRET, SECRET, PythonDevice
from tests.connectors.registry import LOST, Answer

if TYPE_CHECKING:
    from tests.connectors.registry import Registry

URL = "https://devices.example.com"
SOURCE = Path(device_auth.__file__).read_text(encoding="utf-8")


@pytest.fixture
def device(registry: Registry, secret_file: Path) -> PythonDevice:
    """A device of device_auth.py."""
    return PythonDevice(registry.url, secret_file, registry.now_ms)


class TestTheSource:
    def test_python_3_8_reads_it(self) -> None:
        ast.parse(SOURCE, feature_version=(3, 8))

    def test_it_needs_the_standard_library_only(self) -> None:
        tree = ast.parse(SOURCE)
        found = {
            name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        }
        found |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert found <= sys.stdlib_module_names

    def test_it_prints_only_in_its_command_line(self) -> None:
        names = [str(getattr(node, "id", "")) for node in ast.walk(ast.parse(SOURCE))]
        assert names.count("print") == 1
        assert not {"logging", "logger"} & set(names)

    def test_every_error_is_in_the_tree_of_the_docstring(self) -> None:
        kinds = [
            one for one in vars(device_auth).values() if isinstance(one, type) and issubclass(one, DeviceAuthError)
        ]
        assert len(kinds) == 13
        for kind in kinds:
            assert f" {kind.__name__} " in str(device_auth.__doc__)


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "authority"),
        [
            (URL, "devices.example.com"),
            ("HTTPS://Devices.Example.COM/", "devices.example.com"),
            (f"{URL}:443", "devices.example.com"),
            (f"{URL}:8443", "devices.example.com:8443"),
            ("http://localhost:80", "localhost"),
            ("http://127.1.2.3:443", "127.1.2.3:443"),
            ("http://[::1]:8080", "[::1]:8080"),
        ],
    )
    def test_the_port_is_signed_where_it_is_sent(self, url: str, authority: str) -> None:
        client = DeviceClient(url, DEVICE_ID, secret=SECRET)
        assert client._service.authority == authority

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "devices.example.com",
            "ftp://devices.example.com",
            "https://",
            f"{URL}/api",
            f"{URL}?a",
            f"{URL}#a",
            "https://user:pass@devices.example.com",
            "https://żółw.example",
            f"{URL}:port",
            f"{URL}:99999",
            "https://[::1",
            "https://a b",
        ],
    )
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(InvalidSetting):
            DeviceClient(url, DEVICE_ID, secret=SECRET)

    @pytest.mark.parametrize(
        "url",
        ["http://devices.example.com", "http://127.evil.example", "http://10.0.0.1", "http://localhost.evil.example"],
    )
    def test_plain_http_stays_on_this_machine_unless_allowed(self, url: str) -> None:
        with pytest.raises(InsecureAddress):
            DeviceClient(url, DEVICE_ID, secret=SECRET)
        with pytest.raises(InsecureAddress):
            DeviceClient(URL, DEVICE_ID, secret=SECRET, service_url=url)
        DeviceClient(url, DEVICE_ID, secret=SECRET, allow_http=True)

    def test_certificates_are_checked(self) -> None:
        blind = ssl.create_default_context()
        blind.check_hostname = False
        blind.verify_mode = ssl.CERT_NONE
        with pytest.raises(InsecureAddress):
            DeviceClient(URL, DEVICE_ID, secret=SECRET, tls=blind)
        tls = DeviceClient(URL, DEVICE_ID, secret=SECRET)._tls
        assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert tls.minimum_version >= ssl.TLSVersion.TLSv1_2

    def test_proxies_of_the_environment_are_left_alone(
        self, device: PythonDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert device.request().status == 200


class TestTheSecretsFile:
    @pytest.mark.parametrize(
        "content",
        [SECRET.encode(), f" {SECRET}\r\n\r\n".encode(), b"\xef\xbb\xbf" + SECRET.encode()],
        ids=["bare", "white space", "UTF-8 mark"],
    )
    def test_the_secret_is_found(self, secret_file: Path, content: bytes) -> None:
        secret_file.write_bytes(content)
        assert DeviceClient(URL, DEVICE_ID, secret_file=str(secret_file)).fingerprint == "94a2a1df"

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"", "empty"),
            (SECRET[:-1].encode(), "63 characters"),
            (SECRET.encode("utf-16"), "UTF-16"),
            (OTHER_SECRET.replace("ABC", "ACB").encode(), "checksum"),
            (f"secret={SECRET}".encode(), "71 characters"),
            (b"\xff" * 5000, "4096 characters"),
        ],
    )
    def test_what_is_no_secret_is_told_before_anything_is_sent(
        self, secret_file: Path, content: bytes, word: str
    ) -> None:
        secret_file.write_bytes(content)
        with pytest.raises(InvalidSecret, match=word) as caught:
            DeviceClient(URL, DEVICE_ID, secret_file=secret_file)
        assert_keeps(caught.value, content.decode("utf-8", "replace") or SECRET)

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidSetting, match=r"none\.secret cannot be read: FileNotFoundError"):
            DeviceClient(URL, DEVICE_ID, secret_file=tmp_path / "none.secret")

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
    def test_a_file_that_others_can_read_is_warned_about_once(
        self, registry: Registry, secret_file: Path, mode: int
    ) -> None:
        secret_file.chmod(mode)
        with pytest.warns(ExposedSecretFile, match="chmod 600"):
            device = PythonDevice(registry.url, secret_file, registry.now_ms)
        assert device.request().status == 200

    def test_a_file_gone_bad_ends_nothing_that_is_in_force(
        self, device: PythonDevice, registry: Registry, secret_file: Path
    ) -> None:
        device.request()
        secret_file.unlink()
        for seconds in (1, 12 * 3600 - 60):
            registry.now_ms += seconds * 1000
            device.pass_time(seconds)
            assert device.request().status == 200
        device.pass_time(60)
        with pytest.raises(InvalidSetting):
            device.client.request("GET", "/")

    def test_one_secret_must_be_given(self, secret_file: Path) -> None:
        with pytest.raises(InvalidSetting):
            DeviceClient(URL, DEVICE_ID)
        with pytest.raises(InvalidSetting):
            DeviceClient(URL, DEVICE_ID, secret=SECRET, secret_file=secret_file)

    @pytest.mark.parametrize("device_id", ["", "7", DEVICE_ID[:-1], DEVICE_ID + "0", '"' + DEVICE_ID[1:]])
    def test_a_device_id_must_be_one(self, device_id: str) -> None:
        with pytest.raises(InvalidSetting, match="UUID"):
            DeviceClient(URL, device_id, secret=SECRET)


class TestRequests:
    def test_headers_of_the_caller_travel_along(self, device: PythonDevice, registry: Registry) -> None:
        device.client.request("POST", "/orders", b"{}", {"Idempotency-Key": "7", "Content-Type": "application/json"})
        headers = registry.accepted[0].headers
        assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("7", "application/json")

    @pytest.mark.parametrize("name", ["x-signature", "X-Device-Session", "HOST", "Content-Length", "a b", "a\r\nb", ""])
    def test_headers_that_are_the_clients_to_set_are_refused(self, device: PythonDevice, name: str) -> None:
        with pytest.raises(ValueError, match="header"):
            device.client.request("GET", "/", headers={name: "1"})

    def test_a_header_of_two_lines_is_refused(self, device: PythonDevice) -> None:
        with pytest.raises(ValueError, match="header"):
            device.client.request("GET", "/", headers={"X-Note": "1\r\nX-Signature: 2"})

    def test_a_method_must_be_a_word(self, device: PythonDevice) -> None:
        with pytest.raises(ValueError, match="method"):
            device.client.request("GET /", "/")

    def test_signed_headers_serve_another_http_library(self, device: PythonDevice, registry: Registry) -> None:
        headers = device.client.signed_headers("POST", "/orders", "{}")
        assert registry.signed_requests() == []
        connection = device.client._connect(device.client._service)
        connection.request("POST", "/orders", b"{}", headers)
        with connection.getresponse() as reply:
            assert reply.status == 200
        connection.close()

    def test_an_answer_is_read_as_json(self, device: PythonDevice) -> None:
        answer = device.client.request("get", "/api/v1/me")
        assert answer.json() == {"device_name": "VPS-1 Zażółć"}
        assert answer.code is None
        assert repr(answer) == f"<Response 200, {len(answer.body)} bytes>"

    def test_an_answer_without_end_is_cut_off(
        self, device: PythonDevice, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        device.request()
        monkeypatch.setattr(device_auth, "MAX_ANSWER_BYTES", 1000)
        registry.plan(Answer(200, b"x" * 1001))
        with pytest.raises(UnexpectedAnswer, match="too long"):
            device.client.request("GET", "/")

    def test_retry_after_may_be_a_date(self, device: PythonDevice, registry: Registry) -> None:
        registry.plan_session(registry.problem(503, "overloaded", Retry_After="Mon, 23 Nov 2026 15:44:07 GMT"))
        with pytest.raises(TryLater) as caught:
            device.client.request("GET", "/")
        assert caught.value.retry_in == 60

    def test_the_offset_tells_how_wrong_the_clock_is(self, registry: Registry, secret_file: Path) -> None:
        device = PythonDevice(registry.url, secret_file, registry.now_ms - 3_600_000)
        assert device.client.clock_offset_ms == 0
        device.request()
        assert device.client.clock_offset_ms == 3_600_000

    def test_pauses_of_requests_that_are_over_are_forgotten(
        self, device: PythonDevice, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(device_auth, "MAX_PAUSED_REQUESTS", 5)
        for number in range(12):
            registry.plan(Answer(429, b"", {"Retry-After": "9"}))
            assert device.request("GET", f"/{number}").status is None
            assert len(device.client._busy) <= 5


class TestSecrecy:
    def test_no_representation_shows_secret_or_key(self, device: PythonDevice, registry: Registry) -> None:
        device.request()
        shown = repr(device.client) + repr(vars(device.client)) + str(device.client)
        assert DEVICE_ID in shown
        assert_hidden(shown, *private_texts(registry))

    def test_the_client_is_not_copied_or_pickled(self) -> None:
        client = DeviceClient(URL, DEVICE_ID, secret=SECRET)
        for copied in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                copied(client)

    @pytest.mark.parametrize(
        "answer",
        [
            LOST,
            Answer(500, SECRET.encode()),
            Answer(201, SECRET.encode()),
            Answer(401, {"code": "invalid_credentials", "detail": SECRET}),
            Answer(429, {"code": SECRET}),
            Answer(302, b"", {"Location": f"https://elsewhere.example/?{SECRET}"}),
        ],
    )
    def test_an_error_holds_the_secret_nowhere_not_even_in_its_frames(
        self, device: PythonDevice, registry: Registry, answer: Answer
    ) -> None:
        registry.plan_session(answer)
        with pytest.raises(DeviceAuthError) as caught:
            device.client.request("GET", "/")
        assert_keeps(caught.value, SECRET)
        with pytest.raises(DeviceAuthError) as caught:
            device.client.request("GET", "/")
        assert_keeps(caught.value, SECRET)

    def test_neither_does_one_of_a_signed_request_hold_the_key(self, device: PythonDevice, registry: Registry) -> None:
        device.request()
        for answer in (LOST, registry.problem(401, "body_mismatch"), Answer(503, b"")):
            registry.plan(answer)
            with pytest.raises(DeviceAuthError) as caught:
                device.client.request("GET", "/")
            assert_keeps(caught.value, *private_texts(registry))

    def test_an_echo_in_place_of_http_is_not_quoted(self, secret_file: Path) -> None:
        with EchoServer() as port:
            client = DeviceClient(f"http://127.0.0.1:{port}", DEVICE_ID, secret_file=secret_file)
            with pytest.raises(Unreachable) as caught:
                client.request("GET", "/")
        assert_keeps(caught.value, SECRET)

    def test_nothing_is_logged_or_printed(
        self,
        device: PythonDevice,
        registry: Registry,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        device.request()
        registry.plan(LOST)
        device.request()
        assert caplog.records == []
        assert capfd.readouterr() == ("", "")


class TestThreads:
    def test_many_threads_share_one_session(self, device: PythonDevice, registry: Registry) -> None:
        with ThreadPoolExecutor(16) as pool:
            seen = list(pool.map(lambda _: device.request().status, range(64)))
        assert seen == [200] * 64
        assert registry.asked_for_sessions() == 1

    def test_many_threads_that_are_refused_renew_it_once(self, device: PythonDevice, registry: Registry) -> None:
        device.request()
        registry.end_sessions()
        with ThreadPoolExecutor(16) as pool:
            seen = list(pool.map(lambda _: device.request().status, range(64)))
        assert seen == [200] * 64
        assert registry.asked_for_sessions() == 2

    def test_a_slow_early_renewal_holds_nobody_up(
        self, device: PythonDevice, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        device.request()
        device.pass_time(12 * 3600 - 60)
        registry.now_ms += (12 * 3600 - 60) * 1000
        asked, go_on = threading.Event(), threading.Event()
        ask = DeviceClient._ask_for_session

        def ask_slowly(*given: Any) -> Any:
            asked.set()
            assert go_on.wait(10)
            return ask(*given)

        monkeypatch.setattr(DeviceClient, "_ask_for_session", ask_slowly)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(device.request)
            assert asked.wait(10)
            assert device.request().status == 200
            assert registry.asked_for_sessions() == 1
            go_on.set()
            assert first.result().status == 200
        assert registry.asked_for_sessions() == 2

    def test_many_threads_with_wrong_credentials_ask_once(self, device: PythonDevice, registry: Registry) -> None:
        registry.secrets.clear()
        with ThreadPoolExecutor(16) as pool:
            seen = list(pool.map(lambda _: device.request().code, range(64)))
        assert seen == ["invalid_credentials"] * 64
        assert registry.asked_for_sessions() == 1


class TestErrors:
    def test_they_say_what_happened_and_for_how_long_nothing_is_sent(
        self, device: PythonDevice, registry: Registry
    ) -> None:
        registry.secrets.clear()
        with pytest.raises(Refused) as caught:
            device.client.request("GET", "/")
        assert (caught.value.status, caught.value.code, caught.value.retry_in) == (401, "invalid_credentials", 5)
        assert str(caught.value).endswith("(code invalid_credentials) Nothing is sent for 5 s.")

    def test_a_remembered_error_is_a_new_one_each_time(self, device: PythonDevice, registry: Registry) -> None:
        registry.secrets.clear()
        caught = []
        for _ in range(3):
            with pytest.raises(Refused) as one:
                device.client.request("GET", "/")
            caught.append(one.value)
        assert len({id(error) for error in caught}) == 3
        assert len({len(traceback.extract_tb(error.__traceback__)) for error in caught[1:]}) == 1


class TestCommandLine:
    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a copy of the file alone, in a Python that sees nothing else and takes warnings for errors."""
        shutil.copy(device_auth.__file__, folder / "device_auth.py")
        command = [sys.executable, "-I", "-W", "error", str(folder / "device_auth.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file

    def test_it_tests_itself_when_copied_alone(self, tmp_path: Path) -> None:
        done = self.run(tmp_path, "selftest")
        assert (done.returncode, done.stdout, done.stderr) == (0, "6 vectors hold\n", "")

    def test_a_vector_that_does_not_hold_is_named(self, tmp_path: Path) -> None:
        vectors = json.loads(read_connector("vectors.json"))
        vectors["hmac_sha256"][3]["data"] = "cd"
        tmp_path.joinpath("vectors.json").write_text(json.dumps(vectors), encoding="utf-8")
        done = self.run(tmp_path, "selftest")
        assert (done.returncode, done.stdout) == (1, "")
        assert "«RFC 4231, case 4»" in done.stderr

    def test_it_tells_who_the_device_is(self, tmp_path: Path, registry: Registry, secret_file: Path) -> None:
        # the server's clock stands still, the command's does not: the offset makes up for it
        done = self.run(tmp_path, "--device-id", DEVICE_ID, "--secret-file", str(secret_file), "me", registry.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "device_name" in done.stdout

    def test_it_tells_what_is_wrong_in_one_line(self, tmp_path: Path, registry: Registry, secret_file: Path) -> None:
        registry.secrets.clear()
        done = self.run(tmp_path, "me", "--device-id", DEVICE_ID, "--secret-file", str(secret_file), registry.url)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert "invalid_credentials" in done.stderr

    def test_a_refusal_of_the_service_is_a_failure(
        self, registry: Registry, secret_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        registry.plan(Answer(404, b"no such page"))
        arguments = ["me", "--device-id", DEVICE_ID, "--secret-file", str(secret_file), registry.url]
        assert device_auth.main(arguments) == 1
        assert capsys.readouterr().out == "no such page\n"

    @pytest.mark.parametrize("arguments", [[], ["me"], ["you"], ["me", URL, "--secret", SECRET]])
    def test_wrong_usage_is_explained(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="2"):
            device_auth.main(arguments)
        assert "usage" in capsys.readouterr().err


class EchoServer:
    """Sends back what it gets, as no HTTP server would."""

    def __enter__(self) -> int:
        """Start it and return its port."""
        import socket  # noqa: PLC0415 - here only

        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._echo)
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._thread.join()
        self._socket.close()

    def _echo(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            got = b""
            while b"secret" not in got:
                got += connection.recv(65536)
            connection.sendall(got[got.index(b"\r\n\r\n") + 4 :] + b"\r\n\r\n")


def private_texts(registry: Registry) -> list[str]:
    """Return the secret and every signing key there is."""
    return [SECRET, *(key for key, _ in registry.sessions.values())]


def assert_hidden(shown: str, *texts: str) -> None:
    """Fail when a text, or most of it, can be seen."""
    for text in texts:
        assert text not in shown
        assert text[5:40] not in shown


def assert_keeps(error: BaseException, *texts: str) -> None:
    """Fail when an error, what caused it, or a variable of ours in any frame it holds shows one of the texts."""
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is None:
            continue
        assert_hidden(str(one) + repr(one) + repr(vars(one)), *texts)
        pending += [one.__cause__, one.__context__]
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                assert_hidden(repr(frame.f_locals), *texts)
