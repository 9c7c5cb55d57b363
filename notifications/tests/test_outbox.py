"""A message is a row of the transaction that it tells of, and leaves only after the commit."""

import threading

import pytest
from django.core import mail
from django.db import DatabaseError, connections, transaction
from django.template import TemplateSyntaxError

from notifications import delivery
from notifications.errors import UnknownTemplate
from notifications.models import Notification
from notifications.outbox import send
from trufan.celery import app as celery_app
from trufan.lib import nudging


@pytest.mark.django_db
def test_saying_costs_one_query_and_two_if_it_is_to_be_said_once(fay, django_assert_num_queries):
    with django_assert_num_queries(1):
        send("greeting", "fay@example.com", context={"name": "Fay"}, user=fay)
    with django_assert_num_queries(2):
        send("greeting", "fay@example.com", context={"name": "Fay"}, user=fay, dedupe_key="once")


@pytest.mark.django_db(transaction=True)
def test_a_commit_sends_and_a_rollback_says_nothing():
    with transaction.atomic():
        row = send("greeting", "fay@example.com", context={"name": "Fay"})
        assert mail.outbox == []
    row.refresh_from_db()
    assert (row.status, len(mail.outbox)) == ("sent", 1)
    with pytest.raises(RuntimeError), transaction.atomic():
        send("greeting", "fay@example.com", context={"name": "Fay"})
        raise RuntimeError
    assert (Notification.objects.count(), len(mail.outbox)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_transaction_is_open_while_the_mail_leaves(monkeypatch):
    inside = []
    from notifications.channels import CHANNELS

    class Watch:
        def send(self, row, words):
            inside.append(connections["default"].in_atomic_block)
            row = Notification.objects.get(pk=row.pk)
            assert (row.status, row.attempts) == ("sending", 1)
            return "watched"

    monkeypatch.setitem(CHANNELS, "email", Watch())
    with transaction.atomic():
        send("greeting", "fay@example.com")
    assert inside == [False]


@pytest.mark.django_db
def test_the_same_fact_is_said_once_and_the_transaction_goes_on(venue):
    assert send("greeting", "fay@example.com", dedupe_key="order:1") is not None
    assert send("greeting", "fay@example.com", dedupe_key="order:1") is None
    assert send("greeting", "fay@example.com", dedupe_key="order:2") is not None
    venue.refresh_from_db()
    assert Notification.objects.count() == 2


@pytest.mark.django_db
def test_facts_without_a_key_may_be_said_again():
    assert send("greeting", "fay@example.com") is not None
    assert send("greeting", "fay@example.com") is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_say_it_once():
    results = []
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        both.wait()
        with transaction.atomic():
            results.append(send("greeting", "fay@example.com", dedupe_key="order:1"))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row is None for row in results) == [False, True]
    assert len(mail.outbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("template", "channel", "error"),
    [
        ("nowhere", "email", UnknownTemplate),
        ("headless", "email", UnknownTemplate),
        ("plain", "sms", UnknownTemplate),
        ("plain", "pigeon", UnknownTemplate),
        ("broken", "email", TemplateSyntaxError),
    ],
)
def test_a_message_without_words_fails_before_the_commit(template, channel, error):
    with pytest.raises(error):
        send(template, "fay@example.com", channel=channel)
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_a_context_that_is_not_json_fails_before_the_commit():
    with pytest.raises(TypeError), transaction.atomic():
        send("greeting", "fay@example.com", context={"name": object()})


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_fails_does_not_break_the_request(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with transaction.atomic():
        row = send("greeting", "fay@example.com")
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("pending", 1)
    assert "ConnectionRefusedError" in row.error


@pytest.fixture
def broker_down(monkeypatch):
    """Celery told to use a broker where there is none."""
    conf = celery_app.conf
    told = {
        "task_always_eager": False,
        "broker_url": "redis://127.0.0.1:1/0",
        "broker_transport_options": {"max_retries": 0, "connect_retries_timeout": 1},
    }
    before = {name: conf[name] for name in told}
    monkeypatch.setattr(celery_app, "_pool", None)
    monkeypatch.setattr(celery_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(nudging, "broker", nudging.Broker())
    conf.update(told)
    yield
    conf.update(before)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_break_the_request_and_is_left_alone_for_a_while(broker_down, caplog):
    for _ in range(3):
        with transaction.atomic():
            row = send("greeting", "fay@example.com")
        row.refresh_from_db()
        assert (row.status, row.attempts, mail.outbox) == ("pending", 0, [])
    assert caplog.text.count("nudge.broker_down") == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_breaks_off_does_not_break_the_request(monkeypatch):
    def fail(*args: object) -> None:
        raise DatabaseError("the connection is gone")

    monkeypatch.setattr(delivery, "deliver", fail)
    with transaction.atomic():
        row = send("greeting", "fay@example.com")
    row.refresh_from_db()
    assert row.status == "pending"
