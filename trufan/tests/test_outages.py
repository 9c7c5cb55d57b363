"""Redis and PostgreSQL really go away and come back, under a real server."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from trufan.tests.parts import House, missing, until
from trufan.tests.servers import Server

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"NO OUTAGE IS TESTED HERE: no {', '.join(missing())}")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    built = House()
    yield built
    built.remove()


@pytest.fixture
def server(house: House) -> Iterator[Server]:
    running = house.server(workers=1, threads=8)
    yield running
    running.stop()
    house.redis.stop()
    house.redis.start()


def url(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def token(house: House, server: Server) -> dict[str, str]:
    given = {"email": house.seeded["gus"], "password": house.seeded["password"]}
    answer = requests.post(url(server, "/api/v1/auth/login"), json=given, timeout=30)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def buy(house: House, server: Server) -> str:
    """Buy a ticket as a guest; its code."""
    contact = {"email": "fay@example.com", "phone": "+12125550100", "name": "Fay"}
    cart = {"items": [{"type": "ticket", "id": house.seeded["ticket_type"], "quantity": 1}], "contact": contact}
    order = requests.post(url(server, "/api/v1/orders"), json=cart, timeout=30)
    assert order.status_code == 201, order.text
    access = {"X-Order-Access-Code": order.json()["access_code"]}
    address = url(server, f"/api/v1/orders/{order.json()['id']}")
    paid = requests.post(f"{address}/pay", json={"payment_method": "pm_card_visa"}, headers=access, timeout=30)
    assert (paid.status_code, paid.json()["status"]) == (200, "succeeded"), paid.text
    tickets = requests.get(f"{address}/tickets", headers=access, timeout=30).json()
    return tickets["results"][0]["code"]


def scan(house: House, server: Server, code: str, who: dict[str, str]) -> str:
    asked = {"code": code, "event": house.seeded["event"], "nonce": uuid.uuid4().hex}
    answer = requests.post(url(server, "/api/v1/checkin/scans"), json=asked, headers=who, timeout=30)
    assert answer.status_code == 200, answer.text
    return f"{answer.json()['result']} {answer.json()['reason']}".strip()


def console(house: House, server: Server) -> requests.Session:
    """A browser that is signed in to the console."""
    browser = requests.Session()
    address = url(server, "/admin/login/")
    form = browser.get(address, timeout=30).text
    hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    given = {
        "username": house.seeded["ada"],
        "password": house.seeded["password"],
        "csrfmiddlewaretoken": hidden[1] if hidden else "",
    }
    answer = browser.post(address, given, headers={"Referer": address}, timeout=30, allow_redirects=False)
    assert answer.status_code == 302, answer.text[:500]
    return browser


def ready(server: Server) -> tuple[int, dict[str, str]]:
    answer = requests.get(url(server, "/health/ready"), timeout=30)
    return answer.status_code, answer.json()["checks"]


def test_without_redis_tickets_are_sold_and_scanned_and_the_console_works(house, server):
    who, browser = token(house, server), console(house, server)
    before = scan(house, server, buy(house, server), who)
    house.redis.stop()

    code = buy(house, server)
    assert scan(house, server, code, who) == before
    assert "already_used" in scan(house, server, code, who)
    assert browser.get(url(server, "/admin/"), timeout=30, allow_redirects=False).status_code == 200
    status, checks = ready(server)
    assert (status, checks["cache"], checks["broker"], checks["database"]) == (503, "failed", "failed", "ok")
    assert requests.get(url(server, "/health/serving"), timeout=30).status_code == 200
    waiting = requests.get(url(server, "/health"), timeout=30)
    assert waiting.status_code == 200

    # What no broker took waits in the database: the sweeps, which need no Redis, do it.
    queue = "from notifications.models import Notification; from django.utils import timezone; "
    due = int(house.manage("shell", "-v0", "-c", f"{queue}print(Notification.objects.due(timezone.now()).count())"))
    assert due > 0
    house.manage("sweep")
    left = int(house.manage("shell", "-v0", "-c", f"{queue}print(Notification.objects.due(timezone.now()).count())"))
    assert left == 0

    house.redis.start()
    until(lambda: ready(server)[0] == 200)
    assert scan(house, server, buy(house, server), who) == before


def test_without_redis_requests_are_counted_in_the_process(house):
    limited = house.server(workers=1, RATE_LIMIT_PER_MINUTE="60", RATE_LIMIT_BURST="10")
    try:
        events = url(limited, "/api/v1/events")
        house.redis.stop()
        answers = [requests.get(events, timeout=30).status_code for _ in range(40)]
        assert answers[:5] == [200] * 5
        assert 429 in answers
        house.redis.start()
        until(lambda: ready(limited)[0] == 200)
        assert "trufan_redis_failures_total" in requests.get(url(limited, "/metrics"), timeout=30).text
    finally:
        limited.stop()


PATHS = ["/api/v1/events", "/api/v1/orders", "/admin/", "/admin/orders/order/", "/api/v1/auth/login"]


def test_without_postgresql_every_answer_is_a_503_and_it_recovers_by_itself(house, server):
    who, browser = token(house, server), console(house, server)
    assert browser.get(url(server, "/admin/"), timeout=30).status_code == 200
    house.postgres.stop()
    try:
        with ThreadPoolExecutor(16) as crowd:
            first = list(
                crowd.map(lambda n: browser.get(url(server, PATHS[n % 4]), headers=who, timeout=60), range(24))
            )
        for answer in first:
            assert answer.status_code == 503, (answer.url, answer.status_code, answer.text[:300])
            assert int(answer.headers["Retry-After"]) >= 1
            if "/api/" in answer.url:
                assert answer.json()["error"]["code"] == "unavailable"
            else:
                assert "text/html" in answer.headers["Content-Type"]

        # It is known by now: nobody waits for the pool any more.
        started = time.monotonic()
        for path in PATHS:
            assert browser.get(url(server, path), timeout=30).status_code == 503, path
        assert time.monotonic() - started < 10
        assert requests.get(url(server, "/health"), timeout=30).status_code == 200
        for address in ("/health/ready", "/health/serving"):
            answer = requests.get(url(server, address), timeout=30)
            assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed")
            assert answer.headers["Retry-After"]
        assert ready(server)[1]["cache"] == "ok"
        told = requests.get(url(server, "/metrics"), timeout=30)
        assert told.status_code == 200
        assert "trufan_db_gone 1.0" in told.text
    finally:
        house.postgres.start()

    until(lambda: requests.get(url(server, "/api/v1/events"), timeout=30).status_code == 200, seconds=20)
    assert ready(server) == (200, dict.fromkeys(("database", "migrations", "cache", "broker"), "ok"))
    assert "accepted" in scan(house, server, buy(house, server), who)
    assert browser.get(url(server, "/admin/"), timeout=30, allow_redirects=False).status_code == 200
    assert "trufan_db_gone 0.0" in requests.get(url(server, "/metrics"), timeout=30).text
