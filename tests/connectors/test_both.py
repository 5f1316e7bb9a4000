"""What every connector does, whatever it is written in: sessions, the clock, refusals, waiting, redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.conftest import DEVICE_ID, OTHER_SECRET, SECRET
from tests.connectors.registry import SESSION_MS, Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.connectors.conftest import Device, MakeDevice
    from tests.connectors.registry import Registry

HALF_A_DAY = SESSION_MS / 1000


class TestSigning:
    def test_one_session_serves_many_requests(self, device: Device, registry: Registry) -> None:
        for _ in range(3):
            assert device.request().status == 200
        assert registry.asked_for_sessions() == 1
        assert len({request.headers["X-Nonce"] for request in registry.accepted}) == 3

    @pytest.mark.parametrize(
        ("method", "target", "body"),
        [
            ("GET", "/", ""),
            ("GET", "/a%2Fb//c/%e2%82%ac?z=1&a=%20+%2B&a=2&empty=&flag", ""),
            ("POST", "/orders?side=buy", '{"comment":"Zażółć € 😀"}'),
            ("PUT", "/orders/1", "a\r\nb\n\n"),
            ("PATCH", "/orders/1", "{}"),
            ("DELETE", "/orders/1", ""),
        ],
    )
    def test_what_is_sent_is_what_is_signed(
        self, device: Device, registry: Registry, method: str, target: str, body: str
    ) -> None:
        assert device.request(method, target, body).status == 200
        assert registry.accepted[0][:2] == (method, target)
        assert registry.accepted[0].body == body.encode()

    @pytest.mark.parametrize(
        "target", ["", "me", "/a b", "/é", "/a#b", "/a\r\nX-Evil: 1", "https://elsewhere.example/"]
    )
    def test_what_could_not_be_sent_as_signed_is_not_sent(
        self, device: Device, registry: Registry, target: str
    ) -> None:
        try:
            assert device.request("GET", target).status is None
        except ValueError:
            assert device.name == "python"
        assert registry.received == []

    @pytest.mark.parametrize("status", [200, 204, 400, 404, 409, 500, 502])
    def test_any_other_answer_of_the_service_is_the_programs_to_act_on(
        self, device: Device, registry: Registry, status: int
    ) -> None:
        registry.plan(Answer(status, b""))
        assert device.request().status == status

    def test_a_401_of_the_services_own_is_handed_on(self, device: Device, registry: Registry) -> None:
        registry.plan(Answer(401, b"who are you?"))
        assert device.request().status == 401
        assert len(registry.received) == 2

    def test_requests_may_go_to_another_host_which_never_sees_the_secret(
        self, make_device: MakeDevice, registry: Registry, start_registry: Callable[[], Registry]
    ) -> None:
        service = start_registry()
        service.served_from = registry
        assert make_device(service_url=service.url).request("POST", "/orders", "{}").status == 200
        assert [request.target for request in registry.received] == ["/api/v1/sessions"]
        assert SECRET not in repr(service.received)


class TestSessions:
    def test_a_session_is_renewed_before_it_ends(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        device.request()
        pass_time(HALF_A_DAY - 301)
        device.request()
        assert registry.asked_for_sessions() == 1
        pass_time(2)
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 2
        assert len(registry.accepted) == len(registry.signed_requests()) == 3

    def test_an_old_session_will_do_while_a_new_one_cannot_be_had(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        device.request()
        pass_time(HALF_A_DAY - 200)
        registry.plan_session(registry.problem(503, "overloaded", Retry_After="30"))
        assert device.request().status == 200
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 2
        pass_time(31)
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 3

    def test_a_session_that_is_past_its_end_is_never_used(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        device.request()
        pass_time(2 * HALF_A_DAY)
        assert device.request().status == 200
        assert len(registry.signed_requests()) == 2

    @pytest.mark.parametrize("code", ["session_expired", "session_ended", "bad_signature"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_refused_session_is_replaced_once(
        self, device: Device, registry: Registry, code: str, method: str
    ) -> None:
        device.request()
        registry.plan(registry.problem(401, code))
        assert device.request(method).status == 200
        assert registry.asked_for_sessions() == 2
        assert len(registry.accepted) == 2

    def test_what_keeps_being_refused_is_not_hammered(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        registry.plan(*(registry.problem(401, "bad_signature") for _ in range(50)))
        for _ in range(20):
            assert device.request()[:2] == (None, "bad_signature")
        assert registry.asked_for_sessions() == 2
        pass_time(6)
        device.request()
        assert registry.asked_for_sessions() == 3
        pass_time(6)
        device.request()
        assert registry.asked_for_sessions() == 3, "the second pause is twice as long"

    def test_it_works_again_when_the_refusals_end(self, device: Device, registry: Registry) -> None:
        registry.plan(registry.problem(401, "bad_signature"), registry.problem(401, "bad_signature"))
        assert device.request().status is None
        assert device.request().status == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"session": ""},
            {"session": "s\r\nX-Evil: 1"},
            {"session": "with space"},
            {"session": None},
            {"session": ["s"]},
            {"signing_key": "0" * 63},
            {"signing_key": "G" * 64},
            {"signing_key": {"of": "another form"}},
            {"expires_at": "soon"},
            {"expires_at": 1},
            {"expires_at": 1795448587000.5},
            {"server_time": None},
            {"expires_at": 1795448587000, "server_time": 1795448587000},
        ],
    )
    def test_a_session_of_another_form_is_not_used(
        self, device: Device, registry: Registry, wrong: dict[str, object]
    ) -> None:
        right: dict[str, object] = {
            "session": "s",
            "signing_key": "0" * 64,
            "expires_at": registry.now_ms + SESSION_MS,
            "server_time": registry.now_ms,
        }
        registry.plan_session(Answer(201, {**right, **wrong}))
        assert device.request().status is None
        assert registry.signed_requests() == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"<html>", b'{"session":', b"[" * 5000])
    def test_rubbish_is_no_session(self, device: Device, registry: Registry, body: bytes) -> None:
        registry.plan_session(Answer(201, body))
        assert device.request().status is None


class TestClock:
    @pytest.mark.parametrize("hours", [-1, 1, -200_000])
    def test_a_wrong_clock_does_not_matter(self, make_device: MakeDevice, registry: Registry, hours: int) -> None:
        assert make_device(clock_off=hours * 3600).request().status == 200
        assert len(registry.signed_requests()) == 1
        assert abs(int(registry.accepted[0].headers["X-Timestamp"]) - registry.now_ms) < 1000

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_clock_that_jumps_is_set_again_from_the_refusal(
        self, device: Device, registry: Registry, hours: int, method: str
    ) -> None:
        device.request()
        device.shift_clock(hours * 3600)
        # an hour ahead is far from the end of the session, and yet it is the server that says what time it is
        assert device.request(method).status == 200
        assert registry.asked_for_sessions() == 1
        assert len(registry.signed_requests()) == 3
        assert device.request(method).status == 200
        assert len(registry.signed_requests()) == 4

    def test_the_clock_is_set_from_a_refusal_without_a_body_too(self, device: Device, registry: Registry) -> None:
        device.request()
        device.shift_clock(-3600)
        registry.plan(Answer(401, b"", {"X-Server-Time": str(registry.now_ms)}))
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 1

    def test_a_refusal_without_a_body_under_a_right_clock_is_about_the_session(
        self, device: Device, registry: Registry
    ) -> None:
        device.request()
        registry.plan(Answer(401, b"<html>", {"x-server-time": str(registry.now_ms)}))
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 2

    def test_it_is_tried_once_only(self, device: Device, registry: Registry) -> None:
        registry.plan(*(registry.problem(401, "timestamp_too_old") for _ in range(5)))
        assert device.request()[:2] == (None, "timestamp_too_old")
        assert len(registry.signed_requests()) == 2


class TestReplays:
    def test_a_used_nonce_is_replaced_where_twice_does_no_harm(self, device: Device, registry: Registry) -> None:
        registry.plan(registry.problem(401, "nonce_used"))
        assert device.request("GET").status == 200
        first, second = registry.signed_requests()
        assert first.headers["X-Nonce"] != second.headers["X-Nonce"]

    def test_an_order_that_arrived_before_is_not_placed_again(self, device: Device, registry: Registry) -> None:
        registry.plan(registry.problem(401, "nonce_used"))
        assert device.request("POST", "/orders", "{}")[:2] == (None, "nonce_used")
        assert len(registry.signed_requests()) == 1

    def test_a_request_whose_answer_was_lost_is_not_sent_again_by_itself(
        self, device: Device, registry: Registry
    ) -> None:
        device.request()
        registry.lose_answer()
        assert device.request("POST", "/orders", "{}").status is None
        assert [request.target for request in registry.accepted] == ["/api/v1/me", "/orders"]
        assert device.request("POST", "/orders", "{}").status == 200
        assert len({request.headers["X-Nonce"] for request in registry.accepted}) == 3

    def test_a_changed_body_is_reported_and_not_sent_again(self, device: Device, registry: Registry) -> None:
        registry.plan(registry.problem(401, "body_mismatch"))
        assert device.request("PUT", "/orders/1", "{}")[:2] == (None, "body_mismatch")
        assert len(registry.signed_requests()) == 1


class TestRefusals:
    def test_wrong_credentials_are_not_hammered(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        registry.secrets[DEVICE_ID] = OTHER_SECRET
        asked = []
        for _ in range(24 * 60):  # a program that tries every minute, for a day
            seen = device.request()
            assert seen[:2] == (None, "invalid_credentials")
            assert seen.retry_in is not None
            asked.append(registry.asked_for_sessions())
            pass_time(60)
        assert asked[0] == 1
        assert 10 < asked[-1] < 40
        assert registry.signed_requests() == []

    def test_a_new_secret_in_the_file_is_tried_at_once(
        self, device: Device, registry: Registry, secret_file: Path
    ) -> None:
        registry.secrets[DEVICE_ID] = OTHER_SECRET
        device.request()
        device.request()
        secret_file.write_text(OTHER_SECRET, encoding="ascii")
        assert device.request().status == 200
        assert registry.asked_for_sessions() == 2

    def test_a_replaced_secret_ends_the_session_and_then_the_attempts(self, device: Device, registry: Registry) -> None:
        device.request()
        registry.end_sessions()
        registry.secrets[DEVICE_ID] = OTHER_SECRET
        for _ in range(10):
            assert device.request()[:2] == (None, "invalid_credentials")
        assert registry.asked_for_sessions() == 2

    @pytest.mark.parametrize("code", ["device_revoked", "client_suspended"])
    def test_who_is_out_stays_quiet(
        self, device: Device, registry: Registry, code: str, pass_time: Callable[[float], None]
    ) -> None:
        device.request()
        registry.refusal = code
        for _ in range(10):
            assert device.request()[:2] == (None, code)
        assert len(registry.received) == 3
        pass_time(6)
        assert device.request()[:2] == (None, code)
        assert len(registry.received) == 4

    def test_a_client_that_is_let_in_again_works_again(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        registry.refusal = "client_suspended"
        device.request()
        registry.refusal = None
        pass_time(6)
        assert device.request().status == 200


class TestWaiting:
    @pytest.mark.parametrize(("status", "code"), [(429, "too_many_attempts"), (503, "overloaded")])
    def test_no_session_is_asked_for_before_the_server_said(
        self, device: Device, registry: Registry, status: int, code: str, pass_time: Callable[[float], None]
    ) -> None:
        registry.plan_session(registry.problem(status, code, Retry_After="120"))
        for _ in range(5):
            assert device.request()[:3] == (None, code, 120)
        pass_time(119)
        assert device.request().retry_in == 1
        assert registry.asked_for_sessions() == 1
        pass_time(1)
        assert device.request().status == 200

    @pytest.mark.parametrize("retry_after", ["999999999", "99999999999999999999", "-5", "soon", "", "0"])
    def test_a_strange_retry_after_neither_hammers_nor_silences_for_good(
        self, device: Device, registry: Registry, retry_after: str, pass_time: Callable[[float], None]
    ) -> None:
        registry.plan_session(registry.problem(503, "overloaded", Retry_After=retry_after))
        seen = device.request()
        assert seen.retry_in is not None
        assert 1 <= seen.retry_in <= 3600
        device.request()
        assert registry.asked_for_sessions() == 1
        pass_time(3600)
        assert device.request().status == 200

    @pytest.mark.parametrize("status", [429, 503])
    def test_only_the_request_the_server_was_asked_too_often_waits(
        self, device: Device, registry: Registry, status: int, pass_time: Callable[[float], None]
    ) -> None:
        registry.plan(Answer(status, b"", {"Retry-After": "60"}))
        assert device.request("GET", "/quotes?symbol=EURUSD")[2] == 60
        assert device.request("GET", "/quotes?symbol=GBPUSD").status is None
        assert len(registry.signed_requests()) == 1
        assert device.request("POST", "/orders", "{}").status == 200, "a position can still be closed"
        pass_time(60)
        assert device.request("GET", "/quotes?symbol=EURUSD").status == 200

    def test_a_request_waits_an_hour_at_most(self, device: Device, registry: Registry) -> None:
        registry.plan(Answer(429, b"", {"Retry-After": "86400"}))
        assert device.request().retry_in == 3600
        assert device.request().retry_in == 3600

    def test_an_outage_is_asked_about_ever_more_seldom(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        registry.plan_session(*(Answer(0) for _ in range(10)))
        for _ in range(60):
            assert device.request().status is None
            pass_time(1)
        assert registry.asked_for_sessions() in range(5, 8)
        pass_time(60)
        registry._planned[True].clear()
        assert device.request().status == 200


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_the_secret_does_not_follow(
        self, device: Device, registry: Registry, start_registry: Callable[[], Registry], status: int
    ) -> None:
        elsewhere = start_registry()
        registry.plan_session(Answer(status, b"", {"Location": f"{elsewhere.url}/api/v1/sessions"}))
        assert device.request().status is None
        assert elsewhere.received == []
        assert len(registry.received) == 1

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_signature_does_not_follow(
        self, device: Device, registry: Registry, start_registry: Callable[[], Registry], status: int
    ) -> None:
        elsewhere = start_registry()
        registry.plan(Answer(status, b"", {"Location": f"{elsewhere.url}/api/v1/me"}))
        assert device.request().status is None
        assert elsewhere.received == []
        assert len(registry.signed_requests()) == 1


class TestSecrecy:
    @pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 409, 429, 500, 503, 302])
    def test_a_server_that_sends_back_what_it_got_is_not_quoted(
        self, device: Device, registry: Registry, status: int
    ) -> None:
        echo = Answer(status, {"code": SECRET, "detail": SECRET, "session": SECRET}, {"Location": f"/{SECRET}"})
        registry.plan_session(echo)
        seen = device.request()
        assert seen.status is None
        assert SECRET not in repr(seen)
        assert SECRET[5:40] not in repr(seen)

    def test_the_secret_is_sent_to_open_sessions_and_for_nothing_else(
        self, device: Device, registry: Registry, pass_time: Callable[[float], None]
    ) -> None:
        for _ in range(3):
            device.request("POST", "/orders", "{}")
            pass_time(HALF_A_DAY)
        assert SECRET not in repr(registry.signed_requests())
        assert registry.asked_for_sessions() == 3
