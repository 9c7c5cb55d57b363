"""One post, against a real server: what is sent, and that it ends whatever the receiver does."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from notifications.webhooks import addresses, posting
from notifications.webhooks.addresses import Place
from notifications.webhooks.errors import BadAddress, NoAnswer
from notifications.webhooks.tests.receiver import certificate, closed_port, receiving

BODY = '{"type":"ping","name":"Zoë"}'.encode()


@pytest.fixture(autouse=True)
def _nearby(nearby: None) -> None:
    """All of these are on this machine."""


def test_the_body_arrives_byte_by_byte_with_its_headers():
    with receiving((200, {}, b"thank you")) as receiver:
        answer = posting.post(receiver.url, BODY, {"webhook-id": "msg_1"})
    [request] = receiver.received
    assert (answer.status, answer.start, answer.is_success) == (200, "thank you", True)
    assert request.path == "/hooks?from=trufan"
    assert request.body == BODY
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_is_not_followed():
    with receiving() as elsewhere, receiving((302, {"Location": elsewhere.url}, b"")) as receiver:
        answer = posting.post(receiver.url, BODY, {})
    assert (answer.status, answer.is_success) == (302, False)
    assert not elsewhere.received


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_a_receiver_that_hangs_or_drips_has_only_so_much_time(behaviour):
    with receiving(behaviour) as receiver:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match=r"No answer within 0\.6 seconds"):
            posting.post(receiver.url, BODY, {}, seconds=0.6)
        assert time.monotonic() - started < 2


def test_a_body_that_drips_after_its_status_is_not_waited_for():
    with receiving("trickle") as receiver:
        started = time.monotonic()
        answer = posting.post(receiver.url, BODY, {}, seconds=10)
    assert answer.status == 200
    assert time.monotonic() - started < posting.BODY_SECONDS + 1


def test_an_answer_without_an_end_is_read_a_little():
    with receiving("flood") as receiver:
        answer = posting.post(receiver.url, BODY, {}, seconds=10)
    assert answer.status == 500
    assert len(answer.start) == posting.KEPT_BYTES


def test_headers_without_an_end_are_not_read_for_ever():
    headers = {f"X-{number}": "a" * 1000 for number in range(90)}
    with receiving((200, headers, b"")) as receiver, pytest.raises(NoAnswer, match="too long"):
        posting.post(receiver.url, BODY, {})


@pytest.mark.parametrize("behaviour", ["drop", "rubbish"])
def test_no_answer_that_is_http_is_none(behaviour):
    with receiving(behaviour) as receiver, pytest.raises(NoAnswer):
        posting.post(receiver.url, BODY, {})
    assert len(receiver.received) == 1


def test_where_nobody_listens_there_is_no_answer():
    with pytest.raises(NoAnswer, match="refused"):
        posting.post(f"http://127.0.0.1:{closed_port()}/", BODY, {})


def test_what_can_not_be_kept_of_an_answer_is_left_out():
    with receiving((500, {}, b"a\x00b\xff\x1b[31m")) as receiver:
        assert posting.post(receiver.url, BODY, {}).start == "a b\ufffd [31m"


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), (" 7 ", 7), ("soon", None), ("-5", None), ("9" * 30, None), ("", None)]
)
def test_a_receiver_says_when_to_come_back(value, seconds):
    with receiving((503, {"Retry-After": value}, b"")) as receiver:
        found = posting.post(receiver.url, BODY, {}).retry_after
    assert (found and found.total_seconds()) == seconds


def test_it_may_say_so_by_a_date():
    with receiving((503, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}, b"")) as receiver:
        found = posting.post(receiver.url, BODY, {}).retry_after
    assert found is not None and found.days > 10_000


def test_the_next_address_is_tried_where_one_lets_nobody_in(monkeypatch):
    with receiving() as receiver:
        places = [
            Place(socket.AF_INET, "127.0.0.1", closed_port()),
            Place(socket.AF_INET, "127.0.0.1", closed_port()),
            Place(socket.AF_INET, "127.0.0.1", receiver.port),
        ]
        monkeypatch.setattr(addresses, "look_up", lambda *args: places)
        assert posting.post("http://hooks.example.com:9000/", BODY, {}).status == 204
        monkeypatch.setattr(addresses, "look_up", lambda *args: [places[0], *places])
        with pytest.raises(NoAnswer):
            posting.post("http://hooks.example.com:9000/", BODY, {})
    assert [each.headers["host"] for each in receiver.received] == ["hooks.example.com:9000"]


def test_without_leave_this_machine_is_not_posted_to(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    with receiving() as receiver, pytest.raises(BadAddress):
        posting.post(f"https://localhost:{receiver.port}/", BODY, {})
    assert not receiver.received


@pytest.fixture
def trusted(tmp_path: Any, monkeypatch: Any) -> Any:
    """A server's TLS for `localhost`, by a certificate that we trust."""
    context, file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    posting.tls.cache_clear()
    yield context
    posting.tls.cache_clear()


def test_over_tls_it_is_the_name_that_is_believed(trusted):
    with receiving(tls=trusted, host="localhost") as receiver:
        assert posting.post(receiver.url, BODY, {}).status == 204
        with pytest.raises(NoAnswer, match="certificate"):
            posting.post(f"https://127.0.0.1:{receiver.port}/", BODY, {})
    assert len(receiver.received) == 1


def test_a_certificate_that_nobody_trusts_is_no_answer(tmp_path):
    context, _ = certificate(tmp_path)
    with receiving(tls=context, host="localhost") as receiver, pytest.raises(NoAnswer, match="certificate"):
        posting.post(receiver.url, BODY, {})
    assert not receiver.received


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_over_tls_the_clock_runs_as_well(trusted, behaviour):
    with receiving(behaviour, tls=trusted, host="localhost") as receiver:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="within"):
            posting.post(receiver.url, BODY, {}, seconds=0.8)
        assert time.monotonic() - started < 2.5


def test_a_handshake_that_never_ends_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(NoAnswer):
            posting.post(f"https://localhost:{silent.getsockname()[1]}/", BODY, {}, seconds=0.6)
        assert time.monotonic() - started < 2
