"""Ticket types as fans see them and as staff change them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ticketing.models import TicketType
from ticketing.tests.sales import order
from trufan.testing import EventFactory, TicketTypeFactory

BODY = {"name": "Balcony", "price": 6_500, "quantity": 30}


def listing(event):
    return f"/api/v1/events/{event.pk}/ticket-types"


def detail(row):
    return f"/api/v1/ticket-types/{row.pk}"


@pytest.fixture
def fees(venue):
    type(venue).objects.filter(pk=venue.pk).update(ticket_fee_fixed=150, ticket_fee_ppm=25_000)


@pytest.fixture
def hidden(event):
    return TicketTypeFactory(event=event, name="Press", visibility="hidden")


def test_the_public_sees_prices_and_a_word_for_what_is_left(api, event, ticket_type, hidden, fees, fay):
    order(fay, ticket_type, 4)
    for caller in (api, api.as_(fay)):
        (row,) = caller.get(listing(event)).json()["results"]
        assert row == {
            "id": str(ticket_type.pk),
            "event": str(event.pk),
            "name": "General Admission",
            "description": "",
            "price": 5_000,
            "regular_price": 5_000,
            "release": None,
            "releases": [],
            "min_price": None,
            "max_price": None,
            "addon_of": [],
            "needs_slot": False,
            "max_per_person": None,
            "fee": 275,
            "all_in_price": 5_275,
            "currency": "USD",
            "availability": "available",
            "is_on_sale": True,
            "sales_start": None,
            "sales_end": None,
            "min_per_order": 1,
            "max_per_order": 10,
            "position": 0,
        }


def test_staff_see_hidden_types_and_counters(api, event, ticket_type, hidden, gus, fay):
    order(fay, ticket_type, 4)
    rows = {row["name"]: row for row in api.as_(gus).get(listing(event)).json()["results"]}
    assert set(rows) == {"General Admission", "Press"}
    counters = {name: rows["General Admission"][name] for name in ("visibility", "quantity", "held", "sold", "left")}
    assert counters == {"visibility": "open", "quantity": 100, "held": 4, "sold": 0, "left": 96}


def test_staff_of_another_venue_are_the_public(api, event, ticket_type, hidden, stan):
    (row,) = api.as_(stan).get(listing(event)).json()["results"]
    assert "sold" not in row
    assert api.as_(stan).get(detail(hidden)).status_code == 404


def test_a_draft_is_for_its_staff(api, event, ticket_type, olga, stan, fay):
    type(event).objects.filter(pk=event.pk).update(status="draft")
    for path in (listing(event), detail(ticket_type)):
        assert [api.as_(user).get(path).status_code for user in (None, fay, stan, olga)] == [404, 404, 404, 200]
    assert api.get(f"/api/v1/events/{uuid4()}/ticket-types").status_code == 404


def test_a_free_ticket_bears_no_fee(api, event, fees):
    free = TicketTypeFactory(event=event, price=0)
    body = api.get(detail(free)).json()
    assert (body["fee"], body["all_in_price"]) == (0, 0)


def test_the_list_is_narrowed_and_put_in_order(api, event, ticket_type, venue):
    early = TicketTypeFactory(event=event, name="Early", price=100, sales_end=timezone.now() - timedelta(hours=1))
    ask = lambda query: [r["name"] for r in api.get(f"{listing(event)}?{query}").json()["results"]]  # noqa: E731
    assert ask("on_sale=true") == ["General Admission"]
    assert ask("on_sale=false") == [early.name]
    assert ask("search=general") == ["General Admission"]
    assert ask("ordering=price") == ["Early", "General Admission"]
    assert ask("ordering=-price") == ["General Admission", "Early"]
    for query in ("on_sale=perhaps", "ordering=sold", "visibility=secret"):
        assert api.get(f"{listing(event)}?{query}").status_code == 422


def test_the_list_costs_the_same_for_any_number_of_types(api, event, olga, django_assert_num_queries):
    def ask(user, expected):
        caller = api.as_(user and User.objects.get(pk=user.pk))
        with django_assert_num_queries(expected):
            caller.get(listing(event))

    for _ in range(2):
        TicketTypeFactory.create_batch(3, event=event)
        ask(None, 6)  # event, count, page, platform fees, releases, what goes with what
        ask(olga, 7)  # and her rights


def test_a_manager_adds_changes_and_deletes(api, event, olga):
    body = {**BODY, "sales_end": "2030-07-03T19:30:00", "visibility": "hidden"}
    made = api.as_(olga).post(listing(event), body)
    assert made.status_code == 201
    assert made.json()["sales_end"] == "2030-07-03T23:30:00Z"  # by the venue's clocks
    assert (made.json()["quantity"], made.json()["visibility"]) == (30, "hidden")

    url = f"/api/v1/ticket-types/{made.json()['id']}"
    assert api.as_(olga).patch(url, {"price": 7_000, "sales_end": None}).json()["price"] == 7_000
    assert TicketType.objects.get().sales_end is None
    assert api.as_(olga).delete(url).status_code == 204
    event.refresh_from_db()
    assert event.allocated == 0


def test_only_who_manages_events_may(api, event, ticket_type, hidden, gus, fay, stan):
    def statuses(user):
        caller = api.as_(user)
        return [
            caller.post(listing(event), BODY).status_code,
            caller.patch(detail(ticket_type), {"price": 1}).status_code,
            caller.delete(detail(ticket_type)).status_code,
            caller.patch(detail(hidden), {"price": 1}).status_code,
        ]

    assert statuses(None) == [401, 401, 401, 401]
    assert statuses(fay) == [403, 403, 403, 404]
    assert statuses(stan) == [403, 403, 403, 404]
    assert statuses(gus) == [403, 403, 403, 403]
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert statuses(stan) == [404, 404, 404, 404]
    assert TicketType.objects.count() == 2


def test_refusals_have_their_codes(api, event, ticket_type, olga, fay):
    def refused(answer):
        return answer.status_code, answer.json()["error"]["code"]

    order(fay, ticket_type, 2)
    caller = api.as_(olga)
    assert refused(caller.post(listing(event), {**BODY, "quantity": 901})) == (409, "capacity_exceeded")
    assert refused(caller.post(listing(event), {**BODY, "name": ticket_type.name})) == (409, "name_taken")
    assert refused(caller.patch(detail(ticket_type), {"quantity": 1})) == (409, "quantity_too_small")
    assert refused(caller.delete(detail(ticket_type))) == (409, "ticket_type_in_use")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("price", -1),
        ("price", 10**12),
        ("price", 1.5),
        ("quantity", 0),
        ("quantity", 10**7),
        ("min_per_order", 0),
        ("max_per_order", 1_001),
        ("visibility", "secret"),
        ("sales_end", "soon"),
        ("sales_end", "1800-01-01T00:00:00"),
        ("position", -1),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(api, event, olga, field, value):
    answer = api.as_(olga).post(listing(event), {**BODY, field: value})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field


def test_the_same_request_under_its_key_adds_one(api, event, olga):
    answers = [api.as_(olga).post(listing(event), BODY, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert TicketType.objects.count() == 1


def test_a_type_of_another_event_does_not_appear(api, event, ticket_type, venue):
    TicketTypeFactory(event=EventFactory(venue=venue))
    assert api.get(listing(event)).json()["count"] == 1
