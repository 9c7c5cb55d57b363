"""Reports through the API: for who may read them, in the venue's days, the same as data and as files."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from orders.tests.carts import buy
from reports import periods
from reports.periods import Period
from trufan.testing import EventFactory, TicketTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(venue, fay):
    """Two tickets of $50, bought now."""
    kind = TicketTypeFactory(event=EventFactory(venue=venue), price=5_000)
    return buy(fay, (kind, 2))


def url(venue, key="", **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/api/v1/venues/{venue.pk}/reports{'/' + key if key else ''}{'?' + asked if asked else ''}"


def test_the_list_says_what_there_is_and_what_each_answers(api, olga, venue):
    answer = api.as_(olga).get(url(venue))
    assert answer.status_code == 200
    found = {row["key"]: row for row in answer.json()["results"]}
    assert found["sales"]["question"].endswith("?")
    assert {"day", "event", "kind"} <= {each["key"] for each in found["sales"]["dimensions"]}


def test_a_report_sums_what_was_sold_beside_the_days_before(api, olga, venue, sold):
    answer = api.as_(olga).get(url(venue, "sales", group_by="kind", compare="previous", period="last_7_days")).json()
    row = next(row for row in answer["rows"] if row["key"] == "ticket")
    assert row["figures"]["gross"] == answer["totals"]["figures"]["gross"] == sold.amount_total
    assert row["before"]["gross"] == 0
    assert row["change"]["gross"] == sold.amount_total
    today = timezone.now().astimezone(venue.zone).date()
    assert answer["compared_with"]["until"] == (today - timedelta(days=7)).isoformat()


def test_files_hold_the_figures_of_the_data(api, olga, venue, sold):
    answer = api.as_(olga).get(url(venue, "sales", group_by="kind", format="csv"))
    assert answer["Content-Disposition"].startswith('attachment; filename="sales-garden-arena-')
    text = b"".join(answer.streaming_content).decode()
    assert f"tickets,USD,{sold.amount_total / 100:.2f}" in text
    answer = api.as_(olga).get(url(venue, "sales", group_by="kind", format="xlsx"))
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[2]][:3] == ["tickets", "USD", sold.amount_total / 100]
    assert sheet[3][0].value == "total"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "until"),
        ({"since": "2020-01-01", "until": "2026-01-01"}, "until"),
        ({"period": "ever"}, "period"),
        ({"group_by": "colour"}, "group_by"),
        ({"compare": "nothing"}, "compare"),
        ({"format": "pdf"}, "format"),
        ({"event": "none"}, "event"),
        ({"evnt": "x"}, "evnt"),
    ],
)
def test_what_cannot_be_asked_is_named(api, olga, venue, query, field):
    answer = api.as_(olga).get(url(venue, "sales", **query))
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]


def test_others_venues_and_those_without_the_permission_are_refused(api, olga, gus, stan, fay, venue, sold):
    for address in (url(venue), url(venue, "sales"), url(venue, "sales", format="csv")):
        assert api.as_(gus).get(address).status_code == 403
        assert api.as_(fay).get(address).status_code in (403, 404)
        assert api.get(address).status_code == 401
    venue.is_active = False
    venue.save()
    assert api.as_(stan).get(url(venue, "sales")).status_code == 404
    assert api.as_(olga).get(url(venue, "nonsense")).status_code == 404


def test_queries_do_not_grow_with_the_days_nor_the_sales(
    api, olga, venue, sold, django_assert_max_num_queries, django_assert_num_queries
):
    caller, address = api.as_(olga), url(venue, "sales", group_by="event", compare="last_year", period="this_year")
    caller.get(address)
    with django_assert_max_num_queries(10) as seen:
        caller.get(address)
    count = len(seen)
    for _ in range(3):
        buy(sold.user, (TicketTypeFactory(event=EventFactory(venue=venue), price=1_000), 1))
    caller.get(address)
    with django_assert_num_queries(count):
        caller.get(address.replace("this_year", "last_7_days"))


@pytest.mark.parametrize(
    ("preset", "since", "until"),
    [
        ("today", date(2028, 3, 1), date(2028, 3, 1)),
        ("last_7_days", date(2028, 2, 24), date(2028, 3, 1)),
        ("last_week", date(2028, 2, 21), date(2028, 2, 27)),
        ("last_month", date(2028, 2, 1), date(2028, 2, 29)),
        ("this_month", date(2028, 3, 1), date(2028, 3, 1)),
        ("last_year", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_periods_by_name(preset, since, until):
    assert periods.of(preset, date(2028, 3, 1)) == Period(since, until)


def test_what_a_period_is_compared_with():
    leap = Period(date(2028, 2, 1), date(2028, 2, 29))
    assert periods.compared(leap, "previous") == Period(date(2028, 1, 1), date(2028, 1, 31)), "a month with a month"
    assert periods.compared(leap, "last_year") == Period(date(2027, 2, 1), date(2027, 2, 28))
    week = Period(date(2026, 11, 2), date(2026, 11, 8))
    assert periods.compared(week, "previous") == Period(date(2026, 10, 26), date(2026, 11, 1))
