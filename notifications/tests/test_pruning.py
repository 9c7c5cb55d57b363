"""What was said long ago is forgotten; what is still to be said is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notifications import pruning
from notifications.models import Notification
from trufan.lib import sweeps

pytestmark = pytest.mark.django_db


def rows(count: int, days: int, **fields: str) -> None:
    now = timezone.now()
    Notification.objects.bulk_create(
        Notification(template="plain", recipient="x@example.com", next_attempt_at=now, **fields) for _ in range(count)
    )
    Notification.objects.filter(**fields, created_at__gt=now - timedelta(days=1)).update(
        created_at=now - timedelta(days=days)
    )


def test_what_is_done_and_old_goes_in_batches_and_the_rest_stays(monkeypatch, settings):
    settings.NOTIFICATION_DAYS = 400
    monkeypatch.setattr(pruning, "BATCH", 3)
    rows(4, 401, status="sent")
    rows(2, 401, status="failed")
    rows(2, 401, status="withheld")
    rows(2, 401, status="pending")
    rows(3, 399, status="sent")
    assert pruning.sweep_old(timezone.now()) == 8
    assert sorted(Notification.objects.values_list("status", flat=True)) == ["pending"] * 2 + ["sent"] * 3
    assert pruning.sweep_old(timezone.now()) == 0


def test_it_is_one_of_the_sweeps_and_can_be_switched_off(settings):
    rows(1, 4000, status="sent")
    settings.NOTIFICATION_DAYS = 0
    assert sweeps.run_all(timezone.now())["notifications.old"] == 0
    settings.NOTIFICATION_DAYS = 400
    assert sweeps.run_all(timezone.now())["notifications.old"] == 1


@pytest.mark.postgres
def test_looking_for_old_rows_does_not_read_the_new_ones():
    rows(1000, 1, status="sent")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")
    before = timezone.now() - timedelta(days=400)
    old = Notification.objects.filter(created_at__lt=before, status__in=pruning._DONE).order_by("created_at")
    assert "notification_age" in old.values_list("pk", flat=True)[: pruning.BATCH].explain()
