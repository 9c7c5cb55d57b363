"""Sending what is due: once for each due time, to those who may still read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from accounts.models import User
from audit.trail import record
from notifications.attachments import File
from notifications.outbox import notify
from reports import asking, files, periods, registry
from reports.asking import Asked
from reports.periods import Period
from reports.schedules import clock, keeping
from reports.schedules.errors import JustSent, NobodyToSendTo
from reports.schedules.models import ReportDelivery, ReportSchedule

#: The name by which mails know the maker of their file.
MAKER = "report"
BATCH = 100
log = structlog.get_logger("trufan.reports")


def sweep(now: datetime) -> int:
    """Send every schedule that is due, one due time each; how many were sent."""
    ids = list(ReportSchedule.objects.due(now).order_by("next_run_at").values_list("pk", flat=True)[:BATCH])
    return sum(_send_due(pk, now) for pk in ids)


def send_now(schedule: ReportSchedule, *, by: Any, now: datetime) -> ReportDelivery:
    """Send it besides its due times. Raises `NobodyToSendTo`, and `JustSent` within the same minute."""
    with transaction.atomic():
        row = keeping.locked(schedule)
        due = now.replace(second=0, microsecond=0)
        if row.deliveries.filter(due_at=due).exists():
            raise JustSent
        delivery = _deliver(row, due, now)
        if not delivery.sent_to:
            raise NobodyToSendTo
        row.save(update_fields=["last_run_at", "last_result", "updated_at"])
        record("report_schedule.sent", row, new={"sent_to": delivery.sent_to}, actor=by)
    return delivery


def _send_due(pk: UUID, now: datetime) -> int:
    """Lock, look again, send and move on in one transaction: of two sweeps, one does it."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = ReportSchedule.objects.due(now).select_for_update(of=("self",), skip_locked=skip)
        row = rows.select_related("venue").filter(pk=pk).first()
        if row is None or row.next_run_at is None:
            return 0
        due = row.next_run_at
        if not row.deliveries.filter(due_at=due).exists():
            _deliver(row, due, now)
        row.next_run_at = clock.following(row, due, row.venue.zone)
        row.save(update_fields=["next_run_at", "last_run_at", "last_result", "updated_at"])
    return 1


def _deliver(row: ReportSchedule, due: datetime, now: datetime) -> ReportDelivery:
    """A mail for each recipient who may read it now; its days are those as seen from the due time."""
    period = periods.of(row.period, row.venue_today(due))
    people = [person for person in row.recipients.order_by("pk") if may_read(person, row)]
    delivery = ReportDelivery.objects.create(
        schedule=row, due_at=due, since=period.since, until=period.until, sent_to=len(people)
    )
    for person in people:
        notify(
            "report_ready",
            user=person,
            email=person.email,
            context={
                "name": row.name,
                "venue": row.venue.name,
                "since": period.since.isoformat(),
                "until": period.until.isoformat(),
                "console_url": _address(row, period),
            },
            venue_id=row.venue_id,
            dedupe_key=f"report:{row.pk}:{due.astimezone(UTC).isoformat()}:{person.pk}",
            attachments=[(MAKER, f"{delivery.pk}:{person.pk}")],
        )
    row.last_run_at = now
    row.last_result = f"Sent to {len(people)} of {row.recipients.count()}."
    if not people:
        log.warning("report went to nobody", schedule=str(row.pk))
    return delivery


def may_read(person: User, row: ReportSchedule) -> bool:
    """Asked when it is sent, and again when its mail leaves."""
    return person.may_sign_in and person.can(registry.find(row.report).permission, row.venue)


def make_file(key: str) -> list[File]:
    """The file of a mail, with the figures as they are when it leaves; none for who may not read it any more."""
    delivery_id, _, person_id = key.partition(":")
    delivery = ReportDelivery.objects.select_related("schedule__venue").get(pk=UUID(delivery_id))
    person = User.objects.filter(pk=UUID(person_id)).first()
    row = delivery.schedule
    if person is None or not may_read(person, row):
        return []
    asked = Asked(
        registry.find(row.report),
        row.venue,
        Period(delivery.since, delivery.until),
        row.group_by,
        row.compare,
        {name: str(value) for name, value in row.filters.items()},
    )
    return [files.content(asking.answer(asked), row.file)]


def _address(row: ReportSchedule, period: Period) -> str:
    query = {"at": row.venue_id, "since": period.since, "until": period.until, "group_by": row.group_by}
    query |= {"compare": row.compare, **row.filters}
    kept = {name: value for name, value in query.items() if value}
    return settings.PUBLIC_URL + reverse("admin:reports_reportschedule_report", args=[row.report], query=kept)
