"""Claimed, sent, recorded: tried again after a failure or a crash, once only while all goes well."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from notifications import delivery
from notifications.channels import CHANNELS
from notifications.delivery import LEASE, MAX_ATTEMPTS, PAUSES, deliver, sweep_due
from notifications.errors import ChannelError
from notifications.models import Notification
from notifications.outbox import send
from trufan.lib import sweeps
from trufan.lib.errors import InvalidMove

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process is gone; nothing after this line runs."""


class Provider:
    """Answers each attempt with the next of `answers`: an error to raise, or None to take the message."""

    def __init__(self, *answers: BaseException | None) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []

    def send(self, row, words):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.taken.append(row.recipient)
        return f"id-{len(self.taken)}"


@pytest.fixture
def provider(monkeypatch):
    def use(*answers: BaseException | None) -> Provider:
        made = Provider(*answers)
        monkeypatch.setitem(CHANNELS, "email", made)
        return made

    return use


def busy() -> ChannelError:
    return ChannelError("try later", permanent=False)


@pytest.fixture
def row() -> Notification:
    return send("greeting", "fay@example.com", context={"name": "Fay", "link": "https://secret", "code": "123456"})


@pytest.fixture
def now(row):
    return row.next_attempt_at


def test_a_message_is_sent_recorded_and_its_secrets_erased(row, now):
    deliver(row.pk, now)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.sent_at, row.error) == ("sent", 1, now, "")
    assert row.provider_id == f"<{row.pk}@localhost>"
    assert row.context == {"name": "Fay", "_erased": ["code", "link"]}
    assert "https://secret" in mail.outbox[0].body


def test_delivery_costs_four_statements(row, now, provider, django_assert_num_queries):
    provider()
    # Savepoint and its release stand for the claim's own transaction inside the test's.
    with django_assert_num_queries(6):
        deliver(row.pk, now)


def test_what_was_sent_is_not_sent_again(row, now, provider):
    taker = provider()
    deliver(row.pk, now)
    assert deliver(row.pk, now) is None
    assert sweep_due(now + timedelta(days=9)) == 0
    assert len(taker.taken) == 1


def test_what_is_not_due_is_left_alone(row, now, provider):
    taker = provider()
    assert deliver(row.pk, now - timedelta(seconds=1)) is None
    assert taker.taken == []


def test_failed_attempts_wait_longer_and_longer_and_then_end(row, now, provider):
    taker = provider(*[busy() for _ in range(MAX_ATTEMPTS)])
    for attempt, pause in enumerate(PAUSES, start=1):
        outcome = deliver(row.pk, now)
        assert (outcome.status, outcome.attempts, outcome.error) == ("pending", attempt, "try later")
        assert outcome.next_attempt_at == now + pause
        assert outcome.context["link"] == "https://secret"
        assert deliver(row.pk, now + pause - timedelta(seconds=1)) is None
        now += pause
    outcome = deliver(row.pk, now)
    assert (outcome.status, outcome.attempts) == ("failed", MAX_ATTEMPTS)
    assert outcome.context == {"name": "Fay", "_erased": ["code", "link"]}
    assert taker.taken == []


def test_a_refusal_for_good_is_not_tried_again(row, now, provider):
    provider(ChannelError("no such person", permanent=True))
    outcome = deliver(row.pk, now)
    assert (outcome.status, outcome.attempts, outcome.error) == ("failed", 1, "no such person")
    assert "link" not in Notification.objects.get().context


def test_a_second_attempt_clears_the_error(row, now, provider):
    provider(busy())
    deliver(row.pk, now)
    sweep_due(now + PAUSES[0])
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("sent", 2, "")


def test_a_crash_while_sending_is_tried_again_when_the_lease_lapses(row, now, provider):
    taker = provider(Killed())
    with pytest.raises(Killed):
        deliver(row.pk, now)
    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == ("sending", now + LEASE)
    assert sweep_due(now + LEASE - timedelta(seconds=1)) == 0
    assert sweep_due(now + LEASE) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, taker.taken) == ("sent", 2, ["fay@example.com"])


def test_a_message_that_kills_its_worker_every_time_is_given_up(row, now, provider):
    provider(*[Killed() for _ in range(MAX_ATTEMPTS)])
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            deliver(row.pk, now)
        now += LEASE
    assert deliver(row.pk, now).status == "failed"


def test_a_slow_worker_does_not_overwrite_what_a_second_one_recorded(row, now, monkeypatch):
    class Slow:
        def send(self, row, words):
            monkeypatch.setitem(CHANNELS, "email", Provider())
            deliver(row.pk, now + LEASE)
            raise busy()

    monkeypatch.setitem(CHANNELS, "email", Slow())
    assert deliver(row.pk, now).status == "sent"
    row.refresh_from_db()
    assert (row.status, row.attempts, row.provider_id) == ("sent", 2, "id-1")


def test_a_mistake_in_one_message_does_not_stop_those_behind_it(now, row, provider, caplog):
    faulty = send("faulty", "gus@example.com")
    behind = send("greeting", "olga@example.com")
    taker = provider()
    assert sweep_due(behind.next_attempt_at) == 3
    faulty.refresh_from_db()
    assert (faulty.status, faulty.attempts) == ("pending", 1)
    assert taker.taken == ["fay@example.com", "olga@example.com"]
    assert "notification.mistake" in caplog.text


def test_logs_hold_no_address(row, now, provider, caplog):
    provider(ChannelError("fay@example.com is unknown", permanent=True))
    deliver(row.pk, now)
    assert "notification.failed" in caplog.text
    assert "fay@example.com" not in caplog.text


def test_a_sweep_stops_when_its_time_is_up_and_the_next_goes_on(provider, monkeypatch):
    taker = provider()
    for n in range(5):
        row = send("plain", f"person{n}@example.com")
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(delivery.time, "monotonic", lambda: next(clock))
    assert sweep_due(row.next_attempt_at) == 2
    assert sweep_due(row.next_attempt_at, budget=None) == 3
    assert taker.taken == [f"person{n}@example.com" for n in range(5)]


def test_a_sweep_goes_through_more_than_one_batch(provider, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 2)
    taker = provider()
    rows = [send("plain", f"person{n}@example.com") for n in range(5)]
    assert sweep_due(rows[-1].next_attempt_at) == 5
    assert len(taker.taken) == 5


def test_the_sweep_of_all_apps_delivers(row):
    assert sweeps.run_all(timezone.now())["notifications.due"] == 1
    assert len(mail.outbox) == 1


@pytest.mark.postgres
def test_finding_what_is_due_does_not_read_what_was_sent(row):
    Notification.objects.bulk_create(
        Notification(template="plain", recipient="x", status="sent", next_attempt_at=timezone.now()) for _ in range(500)
    )
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = Notification.objects.due(timezone.now()).values_list("pk", flat=True)[:100].explain()
    assert "notification_due" in plan, plan


def test_the_command_delivers_what_is_due(row, capsys):
    call_command("send_notifications")
    assert capsys.readouterr().out == "1 notifications tried\n"
    assert len(mail.outbox) == 1


def test_the_command_queues_failures_again_but_not_without_their_secrets(row, now, provider, capsys):
    provider(*[ChannelError("no", permanent=True)] * 3)
    harmless, other = send("plain", "gus@example.com"), send("plain", "olga@example.com")
    for failed in (row, harmless, other):
        deliver(failed.pk, other.next_attempt_at)
    call_command("retry_notifications", str(harmless.pk), str(row.pk))
    assert capsys.readouterr().out == "1 notifications queued again\n"
    harmless.refresh_from_db()
    assert (harmless.status, harmless.attempts) == ("pending", 0)
    call_command("retry_notifications", "--template", "greeting")
    call_command("retry_notifications", "--template", "plain")
    assert capsys.readouterr().out == "0 notifications queued again\n1 notifications queued again\n"


def test_a_failure_whose_secrets_are_gone_cannot_be_made_pending(row, now, provider):
    provider(ChannelError("no", permanent=True))
    failed = deliver(row.pk, now)
    with pytest.raises(InvalidMove):
        failed.move(Notification.Status.PENDING)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_say_everything_once(mailbox):
    now = timezone.now()
    Notification.objects.bulk_create(
        Notification(template="plain", recipient=f"person{n}@example.com", next_attempt_at=now) for n in range(30)
    )
    counts = []

    def work() -> None:
        counts.append(sweep_due(now))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 30
    assert sorted(mail["To"] for mail in mailbox.mails) == sorted(f"person{n}@example.com" for n in range(30))
    assert not Notification.objects.exclude(status="sent").exists()
