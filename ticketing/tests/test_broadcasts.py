"""Everybody who holds tickets of an event is told once, in batches that stop, resume and are never done twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from notifications import delivery
from notifications.broadcasts import starting, steering, working
from notifications.broadcasts.models import Broadcast
from notifications.models import Notification
from notifications.tests.conftest import *  # noqa: F403 - the mail server on loopback
from ticketing import audiences
from ticketing.tests.sales import buy
from trufan.lib.errors import InvalidMove
from trufan.testing import UserFactory, at_once

NEWS = {"event": "Opening Night", "subject": "Earlier", "text": "We begin at 7."}


def begin(event: Any, **changes: Any) -> Broadcast | None:
    asked = {"audience": audiences.NAME, "audience_id": event.pk, "venue_id": event.venue_id, "context": NEWS}
    return starting.start("event_news", **(asked | changes))


def hand_out(now: Any = None) -> int:
    return working.sweep(now or timezone.now())


@pytest.fixture
def sold(fay, event, ticket_type) -> list[Any]:
    """Fay holds two orders of two, a guest holds three tickets, two others one each."""
    others = UserFactory.create_batch(2)
    buy(fay, ticket_type, 2), buy(fay, ticket_type, 2), buy(None, ticket_type, 3)
    for other in others:
        buy(other, ticket_type)
    return [fay, *others]


@pytest.mark.django_db(transaction=True)
class TestAnAudience:
    def test_is_told_once_a_person_however_many_tickets_they_hold(self, event, sold) -> None:
        row = begin(event)
        assert hand_out() == 4
        row.refresh_from_db()
        assert (row.status, row.total, row.queued) == ("done", 4, 4)
        told = Notification.objects.filter(broadcast=row)
        assert {one.user_id for one in told} == {*(user.pk for user in sold), None}
        assert told.get(user=None).recipient == "gil@example.com"
        assert hand_out() == 0

    def test_leaves_out_who_bought_after_the_change(self, event, sold, ticket_type) -> None:
        moved_at = timezone.now()
        buy(UserFactory(), ticket_type)
        begin(event, context=NEWS | {"bought_before": moved_at.isoformat()})
        assert hand_out() == 4

    def test_leaves_out_refunded_tickets(self, event, sold, fay) -> None:
        fay.tickets.update(status="refunded")
        begin(event)
        assert hand_out() == 3

    def test_hears_a_fact_once(self, event, sold) -> None:
        assert begin(event, dedupe_key="event_cancelled:1") is not None
        assert begin(event, dedupe_key="event_cancelled:1") is None
        assert Broadcast.objects.count() == 1

    def test_hears_nothing_of_what_was_rolled_back(self, event, sold) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            begin(event)
            raise ZeroDivisionError
        assert hand_out() == 0

    def test_of_an_unknown_name_is_refused(self, event) -> None:
        with pytest.raises(LookupError):
            begin(event, audience="nobody")

    def test_is_not_told_before_its_time(self, event, sold) -> None:
        begin(event, send_from=timezone.now() + timedelta(hours=1))
        assert hand_out() == 0
        assert hand_out(timezone.now() + timedelta(hours=1, seconds=1)) == 4


@pytest.mark.django_db(transaction=True)
class TestThrottle:
    def test_lets_go_no_more_a_minute_than_was_asked_for(self, event, sold) -> None:
        row, now = begin(event, per_minute=2), timezone.now()
        counts = []
        for minute in range(8):
            counts.append(hand_out(now + timedelta(minutes=minute)))
            Notification.objects.filter(broadcast=row).update(status="sent")
        assert sum(counts) == 4
        assert max(counts) <= 4
        assert counts[0] <= 2

    def test_waits_while_what_was_handed_out_has_not_left(self, event, sold) -> None:
        begin(event, per_minute=2)
        now = timezone.now()
        handed = sum(hand_out(now + timedelta(minutes=minute)) for minute in range(8))
        assert handed <= 3

    def test_never_exceeds_the_platforms(self, event, settings) -> None:
        settings.BROADCAST_PER_MINUTE = 5
        assert working.rate(Broadcast(per_minute=500)) == 5


@pytest.mark.django_db(transaction=True)
class TestSteering:
    def test_paused_hands_out_nothing_until_resumed(self, event, sold, olga) -> None:
        row = begin(event)
        steering.pause(row, olga, timezone.now())
        assert hand_out() == 0
        steering.resume(row, olga, timezone.now())
        assert hand_out() == 4

    def test_called_off_withholds_what_waits_and_hands_out_no_more(self, event, sold, olga, monkeypatch) -> None:
        monkeypatch.setattr(working, "BATCH", 2)
        row = begin(event)
        working.work(row.pk, timezone.now())
        row.refresh_from_db()
        steering.cancel(row, olga, timezone.now())
        assert hand_out(timezone.now() + timedelta(hours=1)) == 0
        assert set(Notification.objects.filter(broadcast=row).values_list("status", flat=True)) == {"withheld"}
        with pytest.raises(InvalidMove):
            steering.resume(row, olga, timezone.now())

    def test_a_message_spread_while_it_is_called_off_is_withheld(self, event, sold, olga, mailbox) -> None:
        row = begin(event)
        hand_out()
        Broadcast.objects.filter(pk=row.pk).update(status="cancelled")
        delivery.sweep_due(timezone.now(), None)
        assert mailbox.mails == []
        assert working.progress(row)["withheld"] == 4

    def test_counts_what_became_of_it(self, event, sold, mailbox) -> None:
        row = begin(event)
        hand_out()
        delivery.sweep_due(timezone.now() + timedelta(days=1), None)
        delivery.sweep_due(timezone.now() + timedelta(days=1), None)
        row.refresh_from_db()
        assert working.progress(row) == {
            "total": 4, "queued": 4, "waiting": 0, "sent": 4, "failed": 0, "withheld": 0
        }  # fmt: skip
        assert sorted(mail["to"] for mail in mailbox.mails) == sorted(
            Notification.objects.filter(broadcast=row).values_list("recipient", flat=True)
        )


@pytest.mark.django_db(transaction=True)
class TestAKilledWorker:
    def test_leaves_whole_batches_and_another_goes_on(self, event, sold, monkeypatch) -> None:
        monkeypatch.setattr(working, "BATCH", 2)
        row, now = begin(event), timezone.now()
        working.work(row.pk, now)

        def torn(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            # The batch's rows are written, the cursor is not.
            patched.setattr(Broadcast.objects._queryset_class, "update", torn)
            with pytest.raises(KeyboardInterrupt):
                working.work(row.pk, now + timedelta(minutes=1))
        hand_out(now + timedelta(minutes=2))
        assert Notification.objects.filter(broadcast=row).count() == 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_six_workers_tell_everybody_once(self, event, sold, monkeypatch) -> None:
        monkeypatch.setattr(working, "BATCH", 1)
        row, now = begin(event), timezone.now()
        counts = at_once(6, lambda number: working.sweep(now + timedelta(minutes=number)))
        hand_out(now + timedelta(hours=1))
        row.refresh_from_db()
        assert sum(counts) <= 4
        assert (row.queued, row.status) == (4, "done")
        assert Notification.objects.filter(broadcast=row).count() == 4


@pytest.mark.django_db(transaction=True)
class TestUrgentOnes:
    def test_go_before_fifty_thousand(self, event, sold, mailbox) -> None:
        begin(event)
        hand_out()
        later = timezone.now() + timedelta(days=1)
        urgent = Notification.objects.create(
            template="password_changed", recipient="urgent@example.com", next_attempt_at=timezone.now()
        )
        assert delivery._next(later) == [urgent.pk]
