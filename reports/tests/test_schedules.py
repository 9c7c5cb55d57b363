"""Reports by e-mail: sent once for each due time, by the venue's clock, to those who may still read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditLog
from notifications.models import Notification
from orders.tests.carts import buy
from reports.models import ReportDelivery, ReportSchedule
from reports.schedules import clock, keeping, sending
from reports.schedules.errors import JustSent, NameTaken
from trufan.lib.errors import Invalid
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory, at_once
from trufan.tests.console_client import as_, press, url
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def make(venue, *people, by=None, now=NOW, **fields: Any) -> ReportSchedule:
    usual: dict[str, Any] = {"name": "Sales of yesterday", "report": "sales", "cadence": "daily", "hour": 7}
    return keeping.create(venue, recipients=people, by=by or people[0], now=now, **(usual | fields))


def dues(row: ReportSchedule, after: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        after = clock.following(row, after, row.venue.zone)
        found.append(after.astimezone(row.venue.zone).strftime("%a %d %b %H:%M"))
    return found


def test_the_hour_is_that_of_the_venues_wall_whatever_the_clocks_do(venue, olga):
    spring = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert dues(make(venue, olga), spring, 3) == ["Sun 14 Mar 07:00", "Mon 15 Mar 07:00", "Tue 16 Mar 07:00"]
    skipped = make(venue, olga, name="at two", hour=2)
    assert dues(skipped, spring, 2) == ["Sun 14 Mar 03:00", "Mon 15 Mar 02:00"], "02:00 is skipped that night"
    autumn = datetime(2026, 10, 31, 12, tzinfo=UTC)
    twice = make(venue, olga, name="at one", hour=1)
    assert dues(twice, autumn, 2) == ["Sun 01 Nov 01:00", "Mon 02 Nov 01:00"], "once, though 01:00 comes twice"


def test_weeks_and_months(venue, olga):
    weekly = make(venue, olga, name="weekly", cadence="weekly", weekday=4)
    assert dues(weekly, NOW, 2) == ["Fri 27 Nov 07:00", "Fri 04 Dec 07:00"]
    monthly = make(venue, olga, name="monthly", cadence="monthly", month_day=31)
    assert dues(monthly, NOW, 4) == ["Mon 30 Nov 07:00", "Thu 31 Dec 07:00", "Sun 31 Jan 07:00", "Sun 28 Feb 07:00"]


def test_a_due_report_is_sent_once_with_its_file(venue, olga, fay, django_capture_on_commit_callbacks):
    kind = TicketTypeFactory(event=EventFactory(venue=venue), price=5_000)
    order = buy(fay, (kind, 2))
    row = make(venue, olga, period="this_month", group_by="kind", now=timezone.now())
    due = row.next_run_at
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert sending.sweep(due - timedelta(minutes=1)) == 0
        assert sending.sweep(due) == 1
        assert sending.sweep(due) == 0
    (sent,) = mail.outbox
    assert sent.to == [olga.email]
    assert "Sales of yesterday" in sent.subject
    ((name, content, _),) = sent.attachments
    assert name.endswith(".xlsx")
    cells = [cell.value for cell in load_workbook(BytesIO(content)).active[2]]
    if due.astimezone(NEW_YORK).month == timezone.now().astimezone(NEW_YORK).month:
        assert cells[:3] == ["tickets", "USD", order.amount_total / 100]
    row.refresh_from_db()
    assert row.next_run_at == due + timedelta(days=1) or row.next_run_at > due
    assert row.last_result == "Sent to 1 of 1."


def test_days_are_those_as_seen_from_the_due_time(venue, olga):
    row = make(venue, olga)
    sending.sweep(row.next_run_at + timedelta(days=3))
    delivery = ReportDelivery.objects.get()
    assert (str(delivery.since), str(delivery.until)) == ("2026-11-20", "2026-11-20"), "yesterday, as of 21 November"


def test_who_lost_the_right_gets_nothing(venue, olga):
    second = StaffFactory(venue=venue, role=VenueStaff.Role.ACCOUNTANT).user
    row = make(venue, olga, second)
    VenueStaff.objects.filter(user=second).update(is_active=False)
    sending.sweep(row.next_run_at)
    assert {each.user_id for each in Notification.objects.filter(template="report_ready")} == {olga.pk}
    row.refresh_from_db()
    assert row.last_result == "Sent to 1 of 2."


def test_who_loses_the_right_before_the_mail_leaves_gets_no_file(venue, olga):
    row = make(venue, olga)
    sending.sweep(row.next_run_at)
    key = f"{ReportDelivery.objects.get().pk}:{olga.pk}"
    assert len(sending.make_file(key)) == 1
    VenueStaff.objects.filter(user=olga).update(is_active=False)
    assert sending.make_file(key) == []


def test_a_paused_report_is_not_sent_and_nothing_is_made_up_for(venue, olga):
    row = keeping.pause(make(venue, olga), by=olga, now=NOW)
    assert row.next_run_at is None
    assert sending.sweep(NOW + timedelta(days=9)) == 0
    row = keeping.resume(row, by=olga, now=NOW + timedelta(days=9))
    assert row.next_run_at > NOW + timedelta(days=9)
    assert set(AuditLog.objects.filter(entity_id=row.pk).values_list("action", flat=True)) == {
        "report_schedule.created", "report_schedule.paused", "report_schedule.resumed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"report": "nonsense"}, "report"),
        ({"group_by": "colour"}, "group_by"),
        ({"filters": {"colour": "red"}}, "filters"),
        ({"filters": {"event": "x"}}, "event"),
    ],
)
def test_what_cannot_be_asked_cannot_be_sent(venue, olga, fields, field):
    with pytest.raises(Invalid) as refusal:
        make(venue, olga, **fields)
    assert [each.field for each in refusal.value.details] == [field]


def test_only_people_who_may_read_the_venues_reports_are_put_on_the_list(venue, olga, gus, stan):
    for person in (gus, stan):
        with pytest.raises(Invalid):
            make(venue, person, by=olga)
    make(venue, olga)
    with pytest.raises(NameTaken):
        make(venue, olga)


def test_the_console_makes_changes_sends_and_pauses_one(venue, olga, stan):
    browser = as_(olga)
    fields = {
        "venue": venue.pk, "name": "Takings", "report": "sales", "group_by": "", "filters": "", "period": "yesterday",
        "compare": "previous", "file": "csv", "cadence": "weekly", "weekday": 0, "month_day": 1, "hour": 9,
        "recipients": [olga.pk],
    }  # fmt: skip
    answer = browser.post(url(ReportSchedule, "add"), fields)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row = ReportSchedule.objects.get()
    assert (row.made_by, list(row.recipients.all()), row.hour) == (olga, [olga], 9)
    browser.post(url(ReportSchedule, "change", row.pk), {**fields, "hour": 10})
    row.refresh_from_db()
    assert row.hour == row.next_run_at.astimezone(NEW_YORK).hour == 10
    assert "on its way" in press(olga, row, "send")
    assert ReportDelivery.objects.count() == 1
    assert "paused" in press(olga, row, "pause")
    assert as_(stan).get(url(ReportSchedule, "change", row.pk)).status_code == 302
    text = as_(stan).get(url(ReportSchedule, "add")).content.decode()
    assert olga.email not in text and stan.email in text


def test_sending_it_twice_in_a_minute_is_refused(venue, olga):
    row = make(venue, olga)
    sending.send_now(row, by=olga, now=NOW)
    with pytest.raises(JustSent):
        sending.send_now(row, by=olga, now=NOW + timedelta(seconds=20))
    row.refresh_from_db()
    assert row.is_active and row.next_run_at > NOW


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_send_one_mail(venue, olga):
    due = make(venue, olga).next_run_at
    assert sum(at_once(6, lambda _: sending.sweep(due))) == 1
    assert Notification.objects.filter(template="report_ready").count() == 1
