"""Prices by date and by count: who comes early pays less, and the next price opens by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders import expiry
from orders.completion import settle
from orders.models import Order, OrderItem, OrderRefund
from orders.sellable import Pieces
from orders.tests.refunds import send
from payments.payable import CannotFulfil
from ticketing.inventory_check import differences
from ticketing.models import Ticket, TicketRelease, TicketType
from ticketing.pricing.tests.shop import ORDERS, PREVIEW, cart, counts, line, pay, problems
from ticketing.returns import void
from ticketing.tests.sales import buy, order
from ticketing.waitlist import offering
from ticketing.waitlist.line import join
from trufan.testing import TicketTypeFactory, UserFactory, at_once

HOUR = timedelta(hours=1)


def listing(event):
    return f"/api/v1/events/{event.pk}/ticket-types"


def releases_of(kind):
    return f"/api/v1/ticket-types/{kind.pk}/releases"


def detail(release):
    return f"/api/v1/ticket-releases/{release.pk}"


def release(kind, name="Early bird", price=4_000, **more) -> TicketRelease:
    return TicketRelease.objects.create(ticket_type=kind, name=name, price=price, **more)


@pytest.fixture
def early(ticket_type) -> TicketRelease:
    return release(ticket_type, quantity=3)


def shown(api, event):
    (row,) = api.get(listing(event)).json()["results"]
    return row


def test_the_current_price_is_shown_in_lists_of_types_and_of_events(api, event, ticket_type, early):
    row = shown(api, event)
    assert (row["price"], row["regular_price"], row["release"]) == (4_000, 5_000, str(early.pk))
    assert row["releases"] == [
        {
            "id": str(early.pk), "name": "Early bird", "price": 4_000, "until": None, "left": 3, "is_open": True,
            "position": 0,
        }
    ]  # fmt: skip
    found = api.get(f"/api/v1/events/{event.pk}").json()
    assert (found["price_from"], found["price_to"]) == (4_000, 4_000)
    assert api.get("/api/v1/events?price_max=4500").json()["count"] == 1
    TicketRelease.objects.update(sold=3)
    row = shown(api, event)
    assert (row["price"], row["release"], row["all_in_price"]) == (5_000, None, 5_000)
    assert api.get("/api/v1/events?price_max=4500").json()["count"] == 0


def test_the_list_costs_the_same_for_any_number_of_releases(api, event, early, django_assert_num_queries):
    release(early.ticket_type, "Second", 4_500, quantity=5, position=1)
    for number in range(3):
        release(TicketTypeFactory(event=event), str(number), 1_000, quantity=5)
    with django_assert_num_queries(6):
        assert api.get(listing(event)).json()["count"] == 4
    with django_assert_num_queries(5):
        assert api.get(releases_of(early.ticket_type)).json()["count"] == 2


def test_types_are_ordered_by_what_they_cost_now(api, event, early):
    TicketTypeFactory(event=event, name="Balcony", price=4_500)
    rows = api.get(f"{listing(event)}?ordering=price").json()["results"]
    assert [row["price"] for row in rows] == [4_000, 4_500]
    rows = api.get(f"{listing(event)}?ordering=-price").json()["results"]
    assert [row["price"] for row in rows] == [4_500, 4_000]


def test_one_by_date_ends_at_its_moment(api, fay, ticket_type):
    ending = release(ticket_type, until=timezone.now() + HOUR)
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2))).json()
    assert (placed["items"][0]["unit_price"], placed["items"][0]["release"]) == (4_000, str(ending.pk))
    assert placed["items"][0]["description"] == "General Admission (Early bird), Opening Night"
    TicketRelease.objects.update(until=timezone.now())
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2))).json()
    assert (placed["items"][0]["unit_price"], placed["items"][0]["release"]) == (5_000, None)


def test_the_next_opens_when_one_is_sold_out(api, fay, ticket_type, early):
    second = release(ticket_type, "Second", 4_500, until=timezone.now() + HOUR, position=1)
    order(fay, ticket_type, 3)
    assert shown(api, ticket_type.event)["release"] == str(second.pk)
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type))).json()
    assert placed["total"] == 4_500
    assert (counts(early), counts(second)) == ((3, 0), (1, 0))
    assert list(differences()) == []


def test_more_than_are_left_at_the_price_are_refused_and_the_refusal_names_the_next(api, fay, ticket_type, early):
    order(UserFactory(), ticket_type, 1)
    for address in (PREVIEW, ORDERS):
        answer = api.as_(fay).post(address, cart(line(ticket_type, 3)))
        assert (answer.status_code, problems(answer)) == (422, [("items[0].quantity", "release_short")])
        said = answer.json()["error"]["details"][0]["message"]
        assert said == "Only 2 of General Admission are left at $40.00 (Early bird); further ones cost $50.00."
    assert counts(early) == (1, 0)


def test_the_rest_is_bought_at_the_next_price_by_naming_it(api, fay, ticket_type, early):
    order(UserFactory(), ticket_type, 1)
    own = str(ticket_type.pk)
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2), line(ticket_type, 1, release=own)))
    assert placed.status_code == 201
    assert [each["unit_price"] for each in placed.json()["items"]] == [4_000, 5_000]
    assert (counts(early), TicketType.objects.get().held) == ((3, 0), 4)


def test_nobody_jumps_to_a_later_price_while_an_earlier_is_open(api, fay, ticket_type, early):
    later = release(ticket_type, "Last minute", 100, quantity=5, position=1)
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, 1, release=str(later.pk))))
    assert (answer.status_code, problems(answer)) == (422, [("items[0].release", "release_short")])
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, 3), line(ticket_type, 1, release=str(later.pk))))
    assert answer.status_code == 201


@pytest.mark.parametrize("asked", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_a_price_that_is_none_is_refused(api, fay, ticket_type, early, asked):
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, release=asked)))
    assert answer.status_code == 422
    assert problems(answer)[0][0] == "items[0].release"


def test_a_price_that_is_over_is_refused_with_what_it_costs_now(api, fay, ticket_type, early):
    order(UserFactory(), ticket_type, 3)
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, release=str(early.pk))))
    assert problems(answer) == [("items[0].release", "release_short")]
    assert "$50.00 now" in answer.json()["error"]["details"][0]["message"]


def test_what_is_given_back_is_had_again_at_the_price_it_was_sold_at(api, fay, olga, ticket_type, early):
    buy(UserFactory(), ticket_type, 1)
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2))).json()
    pay(api.as_(fay), placed)
    assert counts(early) == (0, 3)
    assert list(differences()) == []
    asked = {"items": [{"id": placed["items"][0]["id"], "quantity": 1}], "reason": "Fell ill"}
    answer = api.as_(olga).post(f"{ORDERS}/{placed['id']}/refunds", asked)
    assert (answer.status_code, answer.json()["amount"]) == (201, 4_000)
    send(OrderRefund.objects.get())
    assert counts(early) == (0, 2)
    assert shown(api, ticket_type.event)["price"] == 4_000
    assert list(differences()) == []


def test_a_hold_that_runs_out_gives_its_early_price_back(fay, ticket_type, early):
    order(fay, ticket_type, 3)
    assert expiry.expire_overdue(timezone.now() + HOUR) == 1
    assert counts(early) == (0, 0)


def test_a_changed_order_keeps_what_it_holds_of_an_early_price(api, fay, ticket_type, early):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 3))).json()
    changed = api.as_(fay).patch(f"{ORDERS}/{placed['id']}", cart(line(ticket_type, 2)))
    assert (changed.status_code, changed.json()["total"], counts(early)) == (200, 8_000, (2, 0))
    changed = api.as_(fay).patch(f"{ORDERS}/{placed['id']}", cart(line(ticket_type, 3)))
    assert (changed.json()["total"], counts(early)) == (12_000, (3, 0))
    answer = api.as_(fay).patch(f"{ORDERS}/{placed['id']}", cart(line(ticket_type, 4)))
    assert problems(answer) == [("items[0].quantity", "release_short")]
    mixed = cart(line(ticket_type, 3), line(ticket_type, 1, release=str(ticket_type.pk)))
    assert api.as_(fay).patch(f"{ORDERS}/{placed['id']}", mixed).json()["total"] == 17_000
    # Nothing is said of the lines: they stay what they are.
    assert api.as_(fay).patch(f"{ORDERS}/{placed['id']}", {"event": None}).json()["total"] == 17_000
    assert counts(early) == (3, 0)
    assert list(differences()) == []


def test_money_that_comes_late_takes_the_early_price_again_or_goes_back(api, fay, ticket_type, early):
    late = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2))).json()
    expiry.expire_overdue(timezone.now() + HOUR)
    buy(UserFactory(), ticket_type, 2)
    row = Order.objects.get(pk=late["id"])
    with pytest.raises(CannotFulfil):
        settle(row, None, timezone.now())
    assert counts(early) == (0, 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_more_than_the_quantity_are_ever_sold_at_the_early_price(ticket_type, early):
    fans = [UserFactory() for _ in range(12)]

    def act(number):
        return order(fans[number], ticket_type, 1)

    placed = at_once(12, act)
    early.refresh_from_db()
    at_price = OrderItem.objects.filter(unit_price=4_000).count()
    assert (early.held, at_price) == (3, 3)
    # Who came in between was told, or was priced when the next price was open.
    refused = [each for each in placed if not isinstance(each, Order)]
    assert all(each.code == "release_short" for each in refused)
    assert OrderItem.objects.filter(unit_price=5_000).count() == 9 - len(refused)
    assert list(differences()) == []


def test_who_waited_is_offered_what_came_free_at_the_prices_it_is_had_at(fay, event):
    kind = TicketTypeFactory(event=event, quantity=3)
    early = release(kind, quantity=1)
    buy(UserFactory(), kind, 1)
    buy(UserFactory(), kind, 2)
    kind.refresh_from_db()
    entry = join(TicketType.objects.select_related("event__venue").get(pk=kind.pk), fay, 2, timezone.now())
    for ticket in (Ticket.objects.get(order_item__unit_price=4_000), Ticket.objects.exclude(ordinal=1).get()):
        void([Pieces(ticket.order_item, 1, (ticket.pk,))], ticket.order.venue_id)
    assert counts(early) == (0, 0)
    offering.sweep(timezone.now())
    entry.refresh_from_db()
    assert (entry.status, entry.order.amount_total, counts(early)) == ("offered", 9_000, (1, 0))


# -- Staff --


def test_staff_add_change_and_delete_releases_and_each_is_written_down(api, olga, ticket_type):
    body = {"name": "Early bird", "price": 4_000, "until": "2090-05-01T00:00:00", "quantity": 20}
    made = api.as_(olga).post(releases_of(ticket_type), body)
    assert made.status_code == 201
    # By the venue's clocks.
    assert made.json()["until"] == "2090-05-01T04:00:00Z"
    assert (made.json()["quantity"], made.json()["left"], made.json()["sold"]) == (20, 20, 0)
    row = TicketRelease.objects.get()
    changed = api.as_(olga).patch(detail(row), {"price": 4_200, "until": None})
    assert (changed.status_code, changed.json()["price"], changed.json()["until"]) == (200, 4_200, None)
    assert api.as_(olga).delete(detail(row)).status_code == 204
    actions = AuditLog.objects.filter(action__startswith="ticket_release").order_by("id")
    assert [each.action for each in actions] == [
        "ticket_release.created", "ticket_release.changed", "ticket_release.deleted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Endless", "price": 1}, "until"),
        ({"name": "", "price": 1, "quantity": 1}, "name"),
        ({"name": "X", "price": -1, "quantity": 1}, "price"),
        ({"name": "X", "price": 1, "quantity": 0}, "quantity"),
        ({"name": "X", "price": 1, "until": "soon"}, "until"),
    ],
)
def test_nonsense_is_refused(api, olga, ticket_type, body, field):
    answer = api.as_(olga).post(releases_of(ticket_type), body)
    assert (answer.status_code, problems(answer)[0][0]) == (422, field)
    assert not TicketRelease.objects.exists()


def test_a_name_is_had_once(api, olga, ticket_type, early):
    body = {"name": "Early bird", "price": 1, "quantity": 1}
    assert api.as_(olga).post(releases_of(ticket_type), body).json()["error"]["code"] == "release_name_taken"


def test_what_was_bought_at_is_neither_deleted_nor_made_smaller(api, olga, fay, ticket_type, early):
    buy(fay, ticket_type, 2)
    assert api.as_(olga).delete(detail(early)).json()["error"]["code"] == "release_in_use"
    assert api.as_(olga).patch(detail(early), {"quantity": 1}).json()["error"]["code"] == "quantity_too_small"
    assert counts(early) == (0, 2)


@pytest.mark.parametrize(("who", "status"), [("stan", 403), ("fay", 403), ("gus", 403)])
def test_others_change_nothing(api, ticket_type, early, who, status, request):
    caller = api.as_(request.getfixturevalue(who))
    body = {"name": "Mine", "price": 1, "quantity": 1}
    assert caller.post(releases_of(ticket_type), body).status_code == status
    assert caller.patch(detail(early), {"price": 1}).status_code == status
    assert caller.delete(detail(early)).status_code == status
    assert TicketRelease.objects.get().price == 4_000


def test_a_draft_of_another_venue_is_unknown(api, stan, event, ticket_type, early):
    type(event).objects.update(status="draft")
    assert api.as_(stan).patch(detail(early), {"price": 1}).status_code == 404
    assert api.as_(stan).get(releases_of(ticket_type)).status_code == 404
    assert api.patch(detail(early), {"price": 1}).status_code == 401
