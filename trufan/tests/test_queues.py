"""How much work waits: cheap to ask, in the health check and for Prometheus."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as current
from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from notifications.models import Notification
from trufan import broker
from trufan.celery import app
from trufan.lib import queues
from trufan.lib.queues import Queue


def put(count: int, seconds_ago: float, **fields: str) -> None:
    due = timezone.now() - timedelta(seconds=seconds_ago)
    Notification.objects.bulk_create(
        [
            Notification(template="plain", recipient="x@example.com", next_attempt_at=due, **fields)
            for _ in range(count)
        ],
        batch_size=2000,
    )


@pytest.fixture
def probe(monkeypatch):
    """Registers a queue that answers as told, for this test alone."""

    def register(name, measure):
        monkeypatch.setitem(queues._queues, name, measure)

    return register


def scrape(client, **headers: str) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.content.decode())
    samples = [sample for one in families for sample in one.samples if "queue" in sample.labels]
    return {(sample.name, sample.labels["queue"]): sample.value for sample in samples}


def test_what_is_due_is_counted_and_the_oldest_told(client, db):
    put(3, 100)
    put(2, 700, status="sending")
    put(4, -60)
    put(5, 5000, status="sent")
    body = client.get("/health/ready").json()
    assert body["queues"]["webhooks"]["depth"] == 0
    told = body["queues"]["notifications"]
    assert (body["status"], told["depth"], told["lagging"]) == ("ok", 5, True)
    assert 700 <= told["oldest_seconds"] < 760
    measured = scrape(client)
    assert measured["trufan_queue_depth", "notifications"] == 5
    assert 700 <= measured["trufan_queue_oldest_seconds", "notifications"] < 760
    assert measured["trufan_queue_measured", "notifications"] == 1


def test_a_queue_that_lags_leaves_the_server_ready(client, db, settings):
    settings.QUEUE_LAG_SECONDS = 50
    put(1, 100)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["queues"]["notifications"]["lagging"]) == (200, True)
    settings.QUEUE_LAG_SECONDS = 500
    assert client.get("/health/ready").json()["queues"]["notifications"]["lagging"] is False


def test_a_long_queue_is_counted_to_the_ceiling_and_no_further(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(queues, "CEILING", 50)
    put(120, 10)
    # Two for urgent messages, one each for those to many and for webhooks, of which none wait.
    with django_assert_num_queries(4):
        queue = queues.measure_all(timezone.now())["notifications"]
    assert queue.depth == 50


@pytest.mark.postgres
def test_counting_goes_along_the_index_and_stops_at_the_ceiling(db, monkeypatch):
    monkeypatch.setattr(queues, "CEILING", 100)
    put(20_000, 10)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")
    due = Notification.objects.due(timezone.now())
    first = due.values_list("next_attempt_at", flat=True)[:1].explain(analyze=True)
    assert "notification_due" in first and "rows=1 " in first, first
    counted = due.values("next_attempt_at")[: queues.CEILING].explain(analyze=True)
    assert "notification_due" in counted, counted
    assert counted.count("rows=100 loops=1") == counted.count("loops=1"), counted


def test_a_queue_that_can_t_be_measured_is_told_as_such_and_the_others_still_are(client, db, probe):
    def gone(now):
        raise DatabaseError("no such table")

    def broken(now):
        return 1 / 0

    probe("gone", gone)
    probe("broken", broken)
    probe("absent", lambda now: None)
    probe("there", lambda now: Queue(7))
    answer = client.get("/health/ready")
    told = answer.json()["queues"]
    assert (answer.status_code, told["gone"], told["broken"]) == (200, None, None)
    assert told["there"] == {"depth": 7, "oldest_seconds": None, "lagging": False}
    assert "absent" not in told
    measured = scrape(client)
    assert measured["trufan_queue_measured", "gone"] == 0
    assert ("trufan_queue_depth", "gone") not in measured
    assert measured["trufan_queue_depth", "there"] == 7


def test_a_name_is_taken_once(probe):
    def measure(now):
        return Queue(0)

    probe("mine", measure)
    queues.register("mine", measure)
    with pytest.raises(ValueError, match="mine"):
        queues.register("mine", lambda now: Queue(0))


@pytest.mark.redis
def test_tasks_that_wait_in_the_broker_are_counted(client, db, settings):
    # Celery's settings are a view of these: they change and come back with them.
    settings.CELERY_BROKER_URL, settings.CELERY_TASK_DEFAULT_QUEUE = current.REDIS_URL, "test-of-queues"
    try:
        with app.connection_for_write() as link:
            link.default_channel.client.delete("test-of-queues")
            link.default_channel.client.rpush("test-of-queues", "one", "two")
        assert broker.depth(timezone.now()) == Queue(2)
        assert client.get("/health/ready").json()["queues"]["tasks"]["depth"] == 2
    finally:
        with app.connection_for_write() as link:
            link.default_channel.client.delete("test-of-queues")


def test_without_a_broker_there_is_no_queue_of_tasks(client, db, settings):
    settings.CELERY_BROKER_URL = ""
    assert "tasks" not in client.get("/health/ready").json()["queues"]


TOKEN = "scrape-Zk2vWx9Lr4Tn8Bm3"


@pytest.mark.parametrize(
    ("header", "status"),
    [(f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), ("Bearer wrong", 401), (f"Basic {TOKEN}", 401), ("", 401)],
)
def test_a_token_opens_the_metrics_from_anywhere(client, db, settings, header, status):
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": header} if header else {}
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["code"] == "authentication_failed"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 404),
        ("10.0.0.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 404),
    ],
)
def test_without_a_token_only_this_machine_is_answered(client, db, settings, address, headers, status):
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == status
    settings.DEBUG = True
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == 200


def test_metrics_are_read_and_never_written(client, db):
    assert client.post("/metrics").status_code == 405
    assert "no-store" in client.get("/metrics")["Cache-Control"]
