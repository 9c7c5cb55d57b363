"""Making, changing, pausing and removing schedules: the rules that API and console share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import grants
from accounts.models import User
from audit.trail import record
from reports import asking, registry
from reports.definition import Report
from reports.errors import NoSuchReport
from reports.schedules import clock
from reports.schedules.errors import NameTaken
from reports.schedules.models import ReportSchedule
from trufan.lib.errors import Detail, Invalid
from venues.models import Venue

#: What of a schedule decides when it is due.
_CLOCK = ("cadence", "weekday", "month_day", "hour")
_PLAIN = ("name", "report", "group_by", "filters", "period", "compare", "file", *_CLOCK)
MOST_RECIPIENTS = 50


def create(venue: Venue, *, recipients: Sequence[Any], by: Any, now: datetime, **fields: Any) -> ReportSchedule:
    """A schedule that is due from the next time on. Raises `Invalid`, `NameTaken`."""
    row = ReportSchedule(venue=venue, made_by=by, **fields)
    _check(row, recipients)
    row.next_run_at = clock.following(row, now, venue.zone)
    with transaction.atomic():
        _save(row)
        row.recipients.set(recipients)
        record("report_schedule.created", row, new={**_said(row), "recipients": _ids(recipients)}, actor=by)
    return row


def change(
    schedule: ReportSchedule, *, by: Any, now: datetime, recipients: Sequence[Any] | None = None, **fields: Any
) -> ReportSchedule:
    """Change what is sent, to whom, or when: then it is due the next time that this says. Raises as `create`."""
    with transaction.atomic():
        row = locked(schedule)
        old = _said(row) | {"recipients": _ids(row.recipients.all())}
        for name, value in fields.items():
            setattr(row, name, value)
        people = list(row.recipients.all()) if recipients is None else list(recipients)
        _check(row, people, is_new=recipients is not None)
        if row.is_active and any(name in fields for name in _CLOCK):
            row.next_run_at = clock.following(row, now, row.venue.zone)
        _save(row)
        row.recipients.set(people)
        new = _said(row) | {"recipients": _ids(people)}
        differs = [name for name in new if new[name] != old[name]]
        if differs:
            record(
                "report_schedule.changed",
                row,
                old={name: old[name] for name in differs},
                new={name: new[name] for name in differs},
                actor=by,
            )
    return row


def pause(schedule: ReportSchedule, *, by: Any, now: datetime) -> ReportSchedule:
    """Nothing is sent until it is resumed; what was due meanwhile is not made up for."""
    return _switch(schedule, None, "report_schedule.paused", by)


def resume(schedule: ReportSchedule, *, by: Any, now: datetime) -> ReportSchedule:
    """It is sent again from the next due time on."""
    return _switch(schedule, clock.following(schedule, now, schedule.venue.zone), "report_schedule.resumed", by)


def readers(venue: Venue, report: Report) -> list[User]:
    """The venue's staff who may read the report."""
    return grants.holders_of([report.permission], venue.pk)


def locked(schedule: ReportSchedule) -> ReportSchedule:
    return ReportSchedule.objects.select_for_update(of=("self",)).select_related("venue").get(pk=schedule.pk)


def _switch(schedule: ReportSchedule, due: datetime | None, action: str, by: Any) -> ReportSchedule:
    with transaction.atomic():
        row = locked(schedule)
        if row.is_active is not (due is not None):
            row.is_active, row.next_run_at = due is not None, due
            row.save(update_fields=["is_active", "next_run_at", "updated_at"])
            record(action, row, actor=by)
    return row


def _save(row: ReportSchedule) -> None:
    twins = ReportSchedule.objects.filter(venue=row.venue, name=row.name).exclude(pk=row.pk)
    if twins.exists():
        raise NameTaken(details=[Detail("name", NameTaken.code, NameTaken.message)])
    row.save()


def _check(row: ReportSchedule, recipients: Sequence[Any], is_new: bool = True) -> None:
    """Ask the question once, without an answer: what can't be asked can't be sent."""
    try:
        report = registry.find(row.report)
    except NoSuchReport as missing:
        raise Invalid.field("report", missing.message, "invalid_choice") from missing
    given: Mapping[str, Any] = {"group_by": row.group_by, "compare": row.compare, "period": row.period}
    unknown = set(row.filters) - {each.key for each in report.filters}
    if unknown:
        raise Invalid.field("filters", f"This report has no filter {', '.join(sorted(unknown))}.", "unknown_filter")
    asking.read(report, row.venue, {**row.filters, **given}, row.venue_today())
    if not is_new:
        return
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise Invalid.field("recipients", f"Choose one to {MOST_RECIPIENTS} people.")
    if any(not person.can(report.permission, row.venue) for person in recipients):
        raise Invalid.field("recipients", "Choose people who may read the reports of this venue.", "invalid_choice")


def _said(row: ReportSchedule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _PLAIN}


def _ids(people: Iterable[Any]) -> list[str]:
    return sorted(str(person.pk) for person in people)
