"""Sixty a minute, a hundred at once, for each address; and what happens when Redis is gone."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings

from trufan.lib import throttling

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls")]
ANY = "/api/v1/nothing"
GUESS = "/api/v1/guarded/guess"


@pytest.fixture(autouse=True)
def in_process(settings):
    """These count in process; what Redis counts has a test of its own."""
    settings.REDIS_URL = ""


@pytest.fixture
def clock(monkeypatch):
    """A clock the test moves: the counter reads a monotonic one, which no calendar can turn back."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr("throttled.utils.now_mono_f", lambda: Clock.now)
    monkeypatch.setattr("throttled.rate_limiter.gcra.utils.now_mono_f", lambda: Clock.now)
    return Clock


def ask(client, times=1, path=ANY, **extra):
    return [client.get(path, **extra) for _ in range(times)][-1]


def test_a_hundred_at_once_pass_and_the_next_is_refused(client, clock):
    statuses = [client.get(ANY).status_code for _ in range(101)]

    assert statuses == [404] * 100 + [429]


def test_the_refusal_says_when_and_is_in_the_envelope(client, clock):
    response = ask(client, 101)

    assert response.json()["error"]["code"] == "rate_limited"
    assert response["Retry-After"] == "1"
    assert response["X-Correlation-ID"] == response.json()["error"]["correlation_id"]


def test_after_the_burst_one_comes_back_each_second(client, clock):
    ask(client, 101)
    clock.now += 1

    assert [client.get(ANY).status_code for _ in range(2)] == [404, 429]
    clock.now += 3
    assert [client.get(ANY).status_code for _ in range(4)] == [404, 404, 404, 429]


def test_headers_count_down_and_fill_up(client, clock):
    def state(response):
        return [int(response[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")]

    assert state(ask(client)) == [100, 99, 1]
    assert state(ask(client)) == [100, 98, 2]
    assert state(ask(client, 98)) == [100, 0, 100]
    assert state(ask(client)) == [100, 0, 100]
    clock.now += 100
    assert state(ask(client)) == [100, 99, 1]


def test_another_address_has_its_own_hundred(client, clock):
    ask(client, 101)

    assert ask(client, REMOTE_ADDR="10.0.0.9").status_code == 404


def test_a_made_up_forwarded_address_buys_nothing(client, clock):
    ask(client, 100)

    assert ask(client, headers={"X-Forwarded-For": "10.9.8.7"}).status_code == 429


def test_behind_our_proxy_each_client_is_counted_for_itself(client, clock, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    ask(client, 101, headers={"X-Forwarded-For": "10.9.8.7"})

    assert ask(client, headers={"X-Forwarded-For": "10.9.8.7"}).status_code == 429
    assert ask(client, headers={"X-Forwarded-For": "10.9.8.8"}).status_code == 404


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("unix socket", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_ipv6_household_counts_as_one(address, counted_as):
    assert throttling.bucket(address) == counted_as


@pytest.mark.parametrize("path", ["/health", "/static/x.css", "/page/missing", "/api/v1/webhooks/probe"])
def test_health_webhooks_and_pages_are_not_counted(client, clock, path):
    response = ask(client, 101, path=path)

    assert response.status_code != 429
    assert "X-RateLimit-Limit" not in response


def test_the_door_is_counted_by_itself_for_its_scanners_share_one_address(client, clock, settings):
    settings.DOOR_LIMIT_BURST = 120

    assert ask(client, 101).status_code == 429
    assert ask(client, 120, path="/api/v1/checkin/nothing").status_code == 404
    refused = ask(client, path="/api/v1/checkin/nothing")
    assert (refused.status_code, refused["X-RateLimit-Limit"]) == (429, "120")


def test_a_limit_of_nothing_is_no_limit(client, clock, settings):
    settings.RATE_LIMIT_PER_MINUTE = 0

    assert ask(client, 150).status_code == 404


def test_guessing_has_a_stricter_limit_of_its_own(client, clock, db):
    per_minute = django_settings.SENSITIVE_LIMITS["login"]
    statuses = [client.post(GUESS).status_code for _ in range(per_minute + 1)]

    assert statuses == [200] * per_minute + [429]
    assert ask(client).status_code == 404
    response = client.post(GUESS)
    assert int(response["Retry-After"]) == 60 // per_minute
    clock.now += 60
    assert client.post(GUESS).status_code == 200


def test_guessing_at_the_consoles_door_is_limited_too(client, clock, db):
    per_minute = django_settings.SENSITIVE_LIMITS["login"]
    attempts = [client.post("/admin/login/", REMOTE_ADDR="10.0.0.7") for _ in range(per_minute + 1)]

    assert [attempt.status_code for attempt in attempts][-2:] == [404, 429]
    assert attempts[-1]["Content-Type"] == "text/plain"
    assert attempts[-1]["Retry-After"]
    assert client.get("/admin/login/", REMOTE_ADDR="10.0.0.7").status_code == 404


def test_while_redis_is_gone_each_process_counts_for_itself(client, clock, settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    statuses = [client.get(ANY).status_code for _ in range(101)]

    assert statuses == [404] * 100 + [429]
    said = [record for record in caplog.records if "Redis does not answer" in record.getMessage()]
    assert len(said) == 1


def test_the_memory_of_addresses_is_bounded_and_large():
    counter = throttling.Counter("")
    for number in range(2000):
        counter.hit(str(number), 60, 1)

    assert counter.hit("0", 60, 1).limited
    assert throttling.REMEMBERED >= 10_000


@pytest.mark.redis
def test_redis_counts_for_all_processes_at_once():
    url = django_settings.CACHES["default"]["LOCATION"]
    prefix = uuid.uuid4().hex
    processes = [throttling.Counter(url, prefix) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: processes[n % 4].hit("someone", 60, 100), range(150)))

    # One comes back each second, and counting took less than three.
    assert sum(not result.limited for result in results) in range(100, 103)
