"""What each recipient is owed before and after a period, and what moved: by API, as CSV and in the console."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.grants import Permission
from payments import ledger, statements
from payments.models import ConnectedAccount, JournalEntry, RecipientDebt, Transfer
from payments.statements import Period
from payments.tests.factories import OrderFactory, PaymentFactory
from trufan.lib import spreadsheets
from trufan.lib.errors import Invalid
from trufan.testing import StaffFactory, VenueFactory
from trufan.tests.console_client import as_, url

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def venue(venue):
    venue.time_zone = "America/New_York"
    venue.save()
    return venue


def account_of(venue, name="Taco stand", currency="USD"):
    return ConnectedAccount.objects.create(
        venue_id=venue.pk, name=name, provider="sandbox", country="US", default_currency=currency, status="ready"
    )


def sold(venue, account, amount, at, fee=0, currency="USD"):
    """A payment of which `amount` less `fee` is the account's, booked at that moment."""
    order = OrderFactory(venue=venue, currency=currency, amount_total=amount)
    payment = PaymentFactory(order=order, status="succeeded", amount=amount, currency=currency, counted=True)
    ledger.shared(payment, {account.pk: amount - fee}, at)
    return payment


def sent(payment, account, amount, at):
    transfer = Transfer.objects.create(
        payment=payment, account=account, amount=amount, amount_sent=amount, currency=payment.currency, status="sent",
        next_attempt_at=at,
    )  # fmt: skip
    ledger.transferred(transfer, at)
    return transfer


def moment(text, zone=NEW_YORK):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def address(venue, rest=""):
    return f"/api/v1/venues/{venue.pk}/statements{rest}"


@pytest.fixture
def stand(venue):
    """Sold for in October, November and December; one share is sent in November."""
    stand = account_of(venue)
    sold(venue, stand, 1_000, moment("2026-10-31T23:59:59"))
    first = sold(venue, stand, 2_000, moment("2026-11-01T00:00:00"), fee=200)
    sold(venue, stand, 500, moment("2026-11-30T23:59:59"))
    sold(venue, stand, 9_000, moment("2026-12-01T00:00:00"))
    sent(first, stand, 1_800, moment("2026-11-02T12:00:00"))
    return stand


NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def test_a_statement_opens_moves_and_closes_by_the_clocks_of_the_venue(api, venue, olga, stand):
    answer = api.as_(olga).get(address(venue), NOVEMBER)
    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {
            "recipient": {"id": str(stand.pk), "name": "Taco stand"},
            "currency": "USD",
            "from": "2026-11-01",
            "to": "2026-11-30",
            "opening_balance": 1_000,
            "movements": [
                {"kind": "share", "count": 2, "amount": 2_300},
                {"kind": "transfer", "count": 1, "amount": -1_800},
            ],
            "closing_balance": 1_500,
            "debt": 0,
        }
    ]


def test_one_period_ends_where_the_next_begins(api, venue, olga, stand):
    caller, balance = api.as_(olga), 0
    for first, last in (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30"), ("2026-12-01", "2026-12-31")):
        [found] = caller.get(address(venue), {"from": first, "to": last}).json()["results"]
        assert found["opening_balance"] == balance
        balance += sum(movement["amount"] for movement in found["movements"])
        assert found["closing_balance"] == balance
    assert balance == 10_500


def test_a_debt_is_in_the_balance_and_told_apart(api, venue, olga, stand):
    transfer = Transfer.objects.get()
    debt = RecipientDebt.objects.create(account=stand, transfer=transfer, amount=700, currency="USD")
    ledger.debt_arose(debt)
    today = timezone.now().astimezone(NEW_YORK).date().isoformat()
    [found] = (
        api.as_(olga).get(address(venue), {"from": "2026-01-01", "to": max(today, "2026-12-31")}).json()["results"]
    )
    assert (found["debt"], found["closing_balance"]) == (700, 10_500)
    assert "debt" not in {movement["kind"] for movement in found["movements"]}


def test_each_recipient_and_currency_has_its_own(api, venue, olga, stand):
    bar = account_of(venue, "Bar")
    sold(venue, bar, 300, moment("2026-11-05T12:00:00"))
    sold(venue, bar, 1_234, moment("2026-11-05T12:00:00"), currency="KWD")
    caller = api.as_(olga)
    found = caller.get(address(venue), NOVEMBER).json()["results"]
    assert [(row["recipient"]["name"], row["currency"], row["closing_balance"]) for row in found] == [
        ("Bar", "KWD", 1_234),
        ("Bar", "USD", 300),
        ("Taco stand", "USD", 1_500),
    ]
    page = caller.get(address(venue), {**NOVEMBER, "limit": 1, "skip": 1}).json()
    assert (page["count"], [row["currency"] for row in page["results"]]) == (3, ["USD"])
    only = caller.get(address(venue), {**NOVEMBER, "recipient": str(bar.pk)}).json()["results"]
    assert {row["recipient"]["name"] for row in only} == {"Bar"}


def test_movements_are_listed_in_pages_in_their_order(api, venue, olga, stand):
    caller = api.as_(olga)
    page = caller.get(address(venue, "/movements"), {**NOVEMBER, "limit": 2}).json()
    assert page["count"] == 3
    assert [(row["kind"], row["amount"]) for row in page["results"]] == [("share", 1_800), ("transfer", -1_800)]
    rest = caller.get(page["next"].split("testserver")[-1]).json()["results"]
    assert [(row["kind"], row["amount"]) for row in rest] == [("share", 500)]
    row = page["results"][0]
    entry = JournalEntry.objects.get(pk=row["entry"])
    assert (row["order"], row["payment"]) == (entry.payment.reference, str(entry.payment_id))
    assert row["recipient"] == {"id": str(stand.pk), "name": "Taco stand"}


def test_without_days_it_is_this_month_until_today(api, venue, olga):
    sold(venue, account_of(venue), 1_000, timezone.now())
    [found] = api.as_(olga).get(address(venue)).json()["results"]
    today = timezone.now().astimezone(NEW_YORK).date()
    assert (found["from"], found["to"]) == (today.replace(day=1).isoformat(), today.isoformat())
    assert found["closing_balance"] == 1_000


@pytest.mark.parametrize(
    "asked, field",
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "November"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"recipient": "somebody"}, "recipient"),
    ],
)
@pytest.mark.parametrize("rest", ["", "/movements", ".csv"])
def test_what_is_no_period_is_refused(api, venue, olga, asked, field, rest):
    answer = api.as_(olga).get(address(venue, rest), asked)
    assert answer.status_code == 422
    assert field in {detail["field"] for detail in answer.json()["error"]["details"]}


@pytest.mark.parametrize("rest", ["", "/movements", ".csv"])
def test_only_who_manages_payouts_there_sees_them(api, venue, other_venue, stand, stan, gus, fay, rest):
    clerk = StaffFactory(venue=venue, role="box_office").user
    callers = [None, fay, stan, gus, clerk]
    assert [api.as_(user).get(address(venue, rest)).status_code for user in callers] == [401, 403, 403, 403, 403]
    allowed = StaffFactory(venue=venue, role="door", extra_permissions=[Permission.MANAGE_PAYOUTS]).user
    assert api.as_(allowed).get(address(venue, rest)).status_code == 200
    assert api.as_(stan).get(address(other_venue, rest), {"recipient": str(stand.pk)}).status_code == 404


def test_statements_of_one_venue_know_nothing_of_another(api, other_venue, stan, stand):
    assert api.as_(stan).get(address(other_venue), NOVEMBER).json()["results"] == []


@pytest.mark.parametrize("rest", ["", "/movements", ".csv"])
def test_the_number_of_queries_does_not_grow(api, venue, olga, rest):
    caller = api.as_(olga)

    def queries():
        with CaptureQueriesContext(connection) as found:
            answer = caller.get(address(venue, rest), NOVEMBER)
            assert answer.status_code == 200
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        return len(found)

    sold(venue, account_of(venue), 100, moment("2026-11-05T12:00:00"))
    queries()  # the first request learns what later ones know
    few = queries()
    for n in range(6):
        account = account_of(venue, f"Stand {n}")
        for _ in range(3):
            sold(venue, account, 100, moment("2026-11-06T12:00:00"))
    assert queries() == few


def rows_of_csv(answer):
    return list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))


def test_the_download_has_every_movement_and_its_balance(api, venue, olga, stand):
    answer = api.as_(olga).get(address(venue, ".csv"), NOVEMBER)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement-2026-11-01-2026-11-30.csv"'
    header, opening, share, transfer, last, closing = rows_of_csv(answer)
    assert header == statements.HEADERS
    assert opening == ["Taco stand", "USD", "2026-11-01T00:00:00-04:00", "opening balance", "", "", "", "10.00"]
    assert (share[3], share[6:]) == ("Share", ["18.00", "28.00"])
    assert (transfer[2:4], transfer[6:]) == (["2026-11-02T12:00:00-05:00", "Transfer"], ["-18.00", "10.00"])
    assert last[6:] == ["5.00", "15.00"]
    assert closing[2:4] + closing[7:] == ["2026-12-01T00:00:00-05:00", "closing balance", "15.00"]
    assert closing[2] == Period(date(2026, 11, 1), date(2026, 11, 30), NEW_YORK).end.isoformat()


def test_the_download_prints_each_currency_with_its_decimals(api, venue, olga):
    account = account_of(venue)
    sold(venue, account, 1_234, moment("2026-11-05T12:00:00"), currency="KWD")
    sold(venue, account, 1_234, moment("2026-11-05T12:00:00"), currency="JPY")
    rows = rows_of_csv(api.as_(olga).get(address(venue, ".csv"), NOVEMBER))
    assert {(row[1], row[7]) for row in rows if row[3] == "closing balance"} == {("KWD", "1.234"), ("JPY", "1234")}


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "＝1"])
def test_the_download_holds_no_formula(api, venue, olga, name):
    sold(venue, account_of(venue, name), 100, moment("2026-11-05T12:00:00"))
    rows = rows_of_csv(api.as_(olga).get(address(venue, ".csv"), NOVEMBER))
    assert {row[0] for row in rows[1:]} == {f"'{name}"}


def test_a_cell_is_a_number_or_inert():
    assert [spreadsheets.cell(value) for value in (-5, None, "a=b", "-5")] == [-5, None, "a=b", "'-5"]


def test_a_day_is_as_long_as_the_clocks_say():
    short, long = date(2026, 3, 8), date(2026, 11, 1)
    assert [
        Period(day, day, NEW_YORK).end.astimezone(UTC) - Period(day, day, NEW_YORK).start.astimezone(UTC)
        for day in (short, long)
    ] == [timedelta(hours=23), timedelta(hours=25)]
    with pytest.raises(Invalid):
        Period(long, short, NEW_YORK)


# -- The console --


def page(account, **asked):
    return url(ConnectedAccount, "statement", account.pk) + ("?" + "&".join(f"{k}={v}" for k, v in asked.items()))


def test_the_console_shows_a_recipients_statement(venue, olga, stand):
    client = as_(olga)
    link = url(ConnectedAccount, "statement", stand.pk)
    assert link in client.get(url(ConnectedAccount, "change", stand.pk)).content.decode()
    shown = client.get(page(stand, first="2026-11-01", last="2026-11-30"))
    summary, movements = shown.context["sections"]
    assert summary.table["rows"] == [
        ["Opening balance", "", "$10.00"],
        ["Share", "2", "$23.00"],
        ["Transfer", "1", "-$18.00"],
        ["Closing balance", "", "$15.00"],
    ]
    assert len(movements.rows) == 3
    assert "first=2026-11-01&amp;last=2026-11-30&amp;format=csv" in shown.content.decode()
    file = client.get(page(stand, first="2026-11-01", last="2026-11-30", format="csv"))
    assert len(rows_of_csv(file)) == 6


def test_the_console_says_what_is_no_period(venue, olga, stand):
    shown = as_(olga).get(page(stand, first="2026-11-02", last="2026-11-01"))
    assert shown.status_code == 200
    assert "A period ends after it has begun." in shown.content.decode()
    assert as_(olga).get(page(stand, first="soon", format="csv")).context["form"].errors


def test_the_consoles_movements_come_in_pages(venue, olga, stand, monkeypatch):
    monkeypatch.setattr("payments.statement_admin._PER_PAGE", 2)
    first = as_(olga).get(page(stand, first="2026-11-01", last="2026-11-30"))
    assert len(first.context["sections"][1].rows) == 2
    assert "p=2" in first.content.decode()
    second = as_(olga).get(page(stand, first="2026-11-01", last="2026-11-30", p=2))
    assert len(second.context["sections"][1].rows) == 1


def test_the_console_keeps_statements_from_others(venue, stand, stan, gus, fay):
    clerk = StaffFactory(venue=venue, role="box_office").user
    link = page(stand, first="2026-11-01", last="2026-11-30", format="csv")
    assert as_(clerk).get(link).status_code == 403
    assert "statement" not in as_(clerk).get(url(ConnectedAccount, "change", stand.pk)).content.decode().lower()
    for user in (stan, gus, fay, None):
        assert as_(user).get(link).status_code in (302, 403)
    assert as_(StaffFactory(venue=VenueFactory(), role="manager").user).get(link).status_code == 302
