"""Pay what you want: the buyer names the price, within bounds, and pays fees and tax on it as on any."""

from __future__ import annotations

import pytest

from orders.models import Order
from ticketing.models import TicketRelease, TicketType
from ticketing.pricing.tests.shop import ORDERS, PREVIEW, cart, line, problems
from trufan.testing import TaxRateFactory, TicketTypeFactory
from trufan.tests.console_client import as_, errors_of, url


@pytest.fixture
def open_price(event) -> TicketType:
    """Twenty are suggested, five are the least."""
    return TicketTypeFactory(event=event, name="Supporter", price=2_000, min_price=500)


def test_the_buyer_names_the_price_of_each_and_fees_and_tax_go_by_it(api, fay, venue, open_price):
    type(venue).objects.update(ticket_fee_fixed=100, ticket_fee_ppm=50_000)
    TaxRateFactory(venue=venue, rate_ppm=100_000)
    placed = api.as_(fay).post(ORDERS, cart(line(open_price, 2, amount=700))).json()
    item = placed["items"][0]
    assert (item["unit_price"], item["fee"], item["tax"]) == (700, 270, 140)
    assert placed["total"] == 1_400 + 270 + 140
    changed = api.as_(fay).patch(f"{ORDERS}/{placed['id']}", {"event": None})
    assert changed.json()["items"][0]["unit_price"] == 700
    changed = api.as_(fay).patch(f"{ORDERS}/{placed['id']}", cart(line(open_price, 1, amount=900)))
    assert changed.json()["items"][0]["unit_price"] == 900


def test_who_names_none_pays_what_is_suggested(api, fay, open_price):
    assert api.as_(fay).post(PREVIEW, cart(line(open_price))).json()["items"][0]["unit_price"] == 2_000


def test_two_lines_may_have_two_prices(api, fay, open_price):
    placed = api.as_(fay).post(ORDERS, cart(line(open_price, amount=500), line(open_price, amount=5_000)))
    assert [item["unit_price"] for item in placed.json()["items"]] == [500, 5_000]


@pytest.mark.parametrize("amount", [499, 200_001])
def test_beyond_the_bounds_it_is_refused_with_them(api, fay, open_price, amount):
    answer = api.as_(fay).post(ORDERS, cart(line(open_price, amount=amount)))
    assert (answer.status_code, problems(answer)) == (422, [("items[0].amount", "amount_refused")])
    assert "$5.00 to $2,000.00" in answer.json()["error"]["details"][0]["message"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("amount", [-1, "lots", None, 1.5, True, 10**12])
def test_garbage_is_refused(api, fay, open_price, amount):
    answer = api.as_(fay).post(ORDERS, cart(line(open_price, amount=amount)))
    assert (answer.status_code, problems(answer)[0][0]) == (422, "items[0].amount")


def test_what_may_be_free_is_free_and_complete_at_once(api, fay, event):
    kind = TicketTypeFactory(event=event, price=1_000, min_price=0)
    placed = api.as_(fay).post(ORDERS, cart(line(kind, amount=0)))
    assert (placed.status_code, placed.json()["status"], placed.json()["total"]) == (201, "paid", 0)


def test_a_fixed_price_is_not_named(api, fay, ticket_type):
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, amount=9_000)))
    assert problems(answer) == [("items[0].amount", "amount_refused")]


def test_lists_show_the_bounds_and_events_are_had_from_the_least(api, event, open_price):
    (row,) = api.get(f"/api/v1/events/{event.pk}/ticket-types").json()["results"]
    assert (row["price"], row["min_price"], row["max_price"]) == (2_000, 500, 200_000)
    shown = api.get(f"/api/v1/events/{event.pk}").json()
    assert (shown["price_from"], shown["price_to"]) == (500, 2_000)


def test_staff_open_the_price_and_the_suggestion_is_no_less_than_the_least(api, olga, ticket_type):
    address = f"/api/v1/ticket-types/{ticket_type.pk}"
    assert api.as_(olga).patch(address, {"min_price": 1_000}).json()["min_price"] == 1_000
    answer = api.as_(olga).patch(address, {"price": 900})
    assert (answer.status_code, problems(answer)[0][0]) == (422, "min_price")
    assert api.as_(olga).patch(address, {"min_price": None}).json()["min_price"] is None


def test_a_type_has_prices_that_change_or_one_that_is_named(api, olga, ticket_type, open_price):
    body = {"name": "Early", "price": 100, "quantity": 1}
    answer = api.as_(olga).post(f"/api/v1/ticket-types/{open_price.pk}/releases", body)
    assert (answer.status_code, problems(answer)[0][0]) == (422, "price")
    TicketRelease.objects.create(ticket_type=ticket_type, name="Early", price=100, quantity=1)
    answer = api.as_(olga).patch(f"/api/v1/ticket-types/{ticket_type.pk}", {"min_price": 1})
    assert (answer.status_code, problems(answer)[0][0]) == (422, "min_price")


def test_the_console_takes_a_least_price_as_people_write_it(olga, event):
    typed = {
        "event": event.pk, "name": "Supporter", "description": "", "price": "20.00", "quantity": 10,
        "min_price": "5.00",
        "min_per_order": 1, "max_per_order": 8, "visibility": "open", "position": 0,
    }  # fmt: skip
    assert as_(olga).post(url(TicketType, "add"), typed).status_code == 302
    row = TicketType.objects.get()
    assert (row.price, row.min_price) == (2_000, 500)
    assert as_(olga).post(url(TicketType, "change", row.pk), {**typed, "min_price": ""}).status_code == 302
    row.refresh_from_db()
    assert row.min_price is None
    answer = as_(olga).post(url(TicketType, "change", row.pk), {**typed, "min_price": "21"})
    assert "at least this" in errors_of(answer)
