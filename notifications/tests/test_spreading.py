"""One row for a person becomes one for each channel that they chose and can be reached by, once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notifications import delivery, kinds, spreading
from notifications.channels import CHANNELS
from notifications.delivery import LEASE, MAX_ATTEMPTS, PAUSES, deliver, sweep_due
from notifications.models import Device, MessageSettings, Notification, Preference
from notifications.outbox import notify, send
from notifications.refusals import suppressing
from trufan.testing import at_once

pytestmark = pytest.mark.django_db
PHONE = "+12125550123"
FILES = {"subject.txt": "Ready", "body.txt": "It is ready", "es/subject.txt": "Listo", "es/body.txt": "Está listo",
         "sms.txt": "It is ready", "es/sms.txt": "Está listo", "push.txt": "Ready\nIt is ready"}  # fmt: skip
MESSAGES = {
    "ready": kinds.Message(kinds.FOOD),
    "paid": kinds.Message(kinds.MONEY),
    "tomorrow": kinds.Message(kinds.EVENTS, waits=True),
}


class Pocket:
    """Push, as far as these tests need it: takes everything."""

    def __init__(self):
        self.taken = []

    def send(self, row, words):
        self.taken.append((row.recipient, words.subject))
        return "push-1"


@pytest.fixture(autouse=True)
def messages(monkeypatch, tmp_path, words):
    for template, message in MESSAGES.items():
        monkeypatch.setitem(kinds._MESSAGES, template, message)
        for name, content in FILES.items():
            path = tmp_path / "notifications" / template / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)


@pytest.fixture(autouse=True)
def pocket(monkeypatch):
    taker = Pocket()
    monkeypatch.setitem(CHANNELS, "push", taker)
    return taker


@pytest.fixture
def reachable(fay):
    """Fay has a proven number and one device in use."""
    fay.phone, fay.phone_verified_at = PHONE, timezone.now()
    fay.save()
    Device.objects.create(**_device(fay, "in use"))
    Device.objects.create(**_device(fay, "retired"), retired_at=timezone.now())
    return fay


def _device(user, name):
    return {"user": user, "kind": "fcm", "token": name, "token_hash": name, "last_seen_at": timezone.now()}


def says(user, kind, channel, wanted):
    Preference.objects.create(user=user, kind=kind, channel=channel, wanted=wanted)


def spread_of(row, now=None):
    """(channel → status) of what became of it."""
    assert deliver(row.pk, now or timezone.now())
    return dict(Notification.objects.filter(template=row.template).values_list("channel", "status"))


def test_an_account_hears_by_the_channels_that_are_on_unasked(reachable, pocket, twilio):
    row = notify("ready", user=reachable)
    assert spread_of(row) == {"email": "sent", "push": "sent"}
    assert [message.to for message in mail.outbox] == [["fay@example.com"]]
    assert pocket.taken == [(str(Device.objects.get(retired_at=None).pk), "Ready")]
    assert twilio.messages == []
    row.refresh_from_db()
    assert (row.channel, row.recipient) == ("email", "fay@example.com")


def test_what_they_chose_holds_instead(reachable, pocket, twilio):
    says(reachable, "food", "email", False)
    says(reachable, "food", "push", False)
    says(reachable, "food", "sms", True)
    assert spread_of(notify("ready", user=reachable)) == {"sms": "sent"}
    assert [message["To"] for message in twilio.messages] == [PHONE]
    assert (mail.outbox, pocket.taken) == ([], [])


def test_what_can_not_be_switched_off_comes_whatever_was_chosen(reachable):
    for channel in kinds.CHANNELS:
        says(reachable, "money", channel, False)
    assert spread_of(notify("paid", user=reachable)) == {"email": "sent"}


def test_a_guest_hears_by_mail(twilio):
    assert spread_of(notify("ready", email="guest@example.org", phone=PHONE)) == {"email": "sent"}
    assert twilio.messages == []


def test_a_guest_who_left_only_a_number_gets_a_short_message(twilio):
    assert spread_of(notify("ready", phone=PHONE)) == {"sms": "sent"}
    assert [message["To"] for message in twilio.messages] == [PHONE]


def test_who_can_not_be_reached_as_they_chose_is_told_by_what_they_did_not_refuse(reachable, twilio):
    Device.objects.all().delete()
    says(reachable, "food", "email", False)
    assert spread_of(notify("ready", user=reachable)) == {"sms": "sent"}


def test_an_unproven_number_is_nobodys(reachable, twilio):
    reachable.phone_verified_at = None
    reachable.save()
    says(reachable, "food", "sms", True)
    assert spread_of(notify("ready", user=reachable)) == {"email": "sent", "push": "sent"}
    assert twilio.messages == []


def test_who_refused_every_channel_is_told_by_none(reachable):
    for channel in kinds.CHANNELS:
        says(reachable, "food", channel, False)
    row = notify("ready", user=reachable, context={"link": "https://secret"})
    assert spread_of(row) == {"any": "withheld"}
    row.refresh_from_db()
    assert row.error == spreading.NOBODY
    assert "secret" not in str(row.context)
    assert deliver(row.pk, timezone.now() + timedelta(days=1)) is None


def test_a_stopped_address_withholds_its_channel_alone(reachable, pocket):
    suppressing.suppress("email", reachable.email, "bounced")
    assert spread_of(notify("ready", user=reachable)) == {"email": "withheld", "push": "sent"}
    assert len(pocket.taken) == 1


def test_quiet_hours_hold_back_what_may_wait(reachable):
    MessageSettings.objects.create(
        user=reachable, quiet_from=time(22), quiet_until=time(8), time_zone="America/New_York"
    )
    night, morning = (datetime(2099, 1, 2, hour, tzinfo=UTC) for hour in (5, 13))
    assert spread_of(notify("ready", user=reachable), night) == {"email": "sent", "push": "sent"}
    assert spread_of(notify("paid", user=reachable), night) == {"email": "sent", "push": "sent"}
    waiting = notify("tomorrow", user=reachable)
    assert spread_of(waiting, night) == {"email": "pending", "push": "pending"}
    rows = Notification.objects.filter(template="tomorrow")
    assert set(rows.values_list("next_attempt_at", flat=True)) == {morning}
    assert sweep_due(morning - timedelta(seconds=1)) == 0
    assert sweep_due(morning) == 2
    assert set(rows.values_list("status", flat=True)) == {"sent"}


@pytest.mark.parametrize(
    ("chosen", "given", "said"),
    [("es", "", "Listo"), ("", "es", "Listo"), ("en", "es", "Ready"), ("es", "en", "Listo")],
)
def test_the_language_they_chose_counts_before_that_of_the_order(fay, chosen, given, said):
    MessageSettings.objects.create(user=fay, language=chosen)
    deliver(notify("ready", user=fay, language=given).pk, timezone.now())
    assert mail.outbox[0].subject == said


def test_what_is_sent_to_one_address_speaks_the_persons_language_too(fay):
    MessageSettings.objects.create(user=fay, language="es")
    deliver(send("ready", "fay@example.com", user=fay).pk, timezone.now())
    deliver(send("ready", "fay@example.com", user=fay, language="en").pk, timezone.now())
    assert [message.subject for message in mail.outbox] == ["Listo", "Ready"]


def test_a_guest_reads_the_language_of_the_order():
    for language in ("es", ""):
        deliver(notify("ready", email="guest@example.org", language=language).pk, timezone.now())
    assert [message.subject for message in mail.outbox] == ["Listo", "Ready"]


def test_a_mistake_in_spreading_neither_stops_the_sweep_nor_comes_back_for_ever(fay, monkeypatch):
    bad, good = notify("ready", user=fay), notify("paid", user=fay)
    whole = spreading.spread

    def faulty(row, now):
        if row.template == "ready":
            raise RuntimeError("no such table")
        return whole(row, now)

    monkeypatch.setattr(spreading, "spread", faulty)
    now = timezone.now()
    assert sweep_due(now) == 2
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status, bad.attempts) == ("sent", "pending", 1)
    assert bad.error == "RuntimeError: no such table"
    assert timedelta(0) <= bad.next_attempt_at - (now + PAUSES[0]) < timedelta(seconds=20)
    for _ in range(MAX_ATTEMPTS):
        deliver(bad.pk, now := now + timedelta(days=2))
    bad.refresh_from_db()
    assert (bad.status, bad.attempts) == ("failed", MAX_ATTEMPTS)
    assert sweep_due(now + timedelta(days=30)) == 0


def test_a_row_that_kills_its_workers_is_given_up(fay, monkeypatch):
    def killed(row, now):
        raise SystemExit

    row, now = notify("ready", user=fay), timezone.now()
    monkeypatch.setattr(spreading, "spread", killed)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            deliver(row.pk, now)
        now += LEASE + timedelta(seconds=1)
    row = deliver(row.pk, now)
    assert (row.status, row.error) == ("failed", delivery.GIVEN_UP)


def test_a_worker_that_dies_before_the_rows_stand_leaves_one_row(reachable, monkeypatch):
    row, now = notify("ready", user=reachable), timezone.now()
    with monkeypatch.context() as broken:
        broken.setattr(spreading, "_another", _dies)
        with pytest.raises(SystemExit):
            deliver(row.pk, now)
    row.refresh_from_db()
    assert (row.channel, row.status, Notification.objects.count()) == ("any", "sending", 1)
    assert sweep_due(now + LEASE + timedelta(seconds=1)) >= 1
    assert sorted(Notification.objects.values_list("channel", "status")) == [("email", "sent"), ("push", "sent")]
    assert len(mail.outbox) == 1


def test_a_worker_that_dies_after_the_rows_stand_leaves_them_to_the_sweep(reachable, monkeypatch, pocket):
    row, now = notify("ready", user=reachable), timezone.now()
    with monkeypatch.context() as broken:
        broken.setattr(pocket, "send", _dies)
        with pytest.raises(SystemExit):
            deliver(row.pk, now)
    assert Notification.objects.count() == 2
    sweep_due(now + LEASE + timedelta(seconds=1))
    assert sorted(Notification.objects.values_list("channel", "status")) == [("email", "sent"), ("push", "sent")]
    assert (len(mail.outbox), len(pocket.taken)) == (1, 1)


def _dies(*args, **kwargs):
    raise SystemExit


def test_who_lost_the_lease_spreads_nothing(reachable):
    row, now = notify("ready", user=reachable), timezone.now()
    late = delivery._claim(row.pk, now)
    later = now + LEASE + timedelta(seconds=1)
    assert deliver(row.pk, later)
    assert spreading.spread(late, later) == []
    assert Notification.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_spread_it_once(reachable, pocket, monkeypatch):
    monkeypatch.setattr("notifications.outbox.nudge", lambda notification_id, **how: None)
    rows, now = [notify("ready", user=reachable) for _ in range(10)], timezone.now()
    assert len(rows) == 10
    at_once(4, lambda number: sweep_due(now))
    assert Notification.objects.filter(status="sent").count() == Notification.objects.count() == 20
    assert (len(mail.outbox), len(pocket.taken)) == (10, 10)
