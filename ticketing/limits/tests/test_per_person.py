"""So many tickets for one person, over all their orders, however they buy them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from events.models import Event
from orders import cancellation, completion, expiry, refunding
from orders.cart import cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.errors import CartRefused
from orders.models import Order
from orders.tests.refunds import send
from payments.payable import CannotFulfil
from ticketing.limits.models import LimitedBuyer
from ticketing.models import Ticket, TicketType
from ticketing.tests.sales import GUEST, buy, order
from trufan.testing import TicketTypeFactory, UserFactory, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def scarce(event) -> TicketType:
    """Four of it for one person."""
    return TicketTypeFactory(event=event, name="Front row", max_per_person=4)


@pytest.fixture
def few(event, ticket_type) -> TicketType:
    """A type without a limit of its own, of an event with one: six for one person."""
    limit(event, 6)
    return TicketType.objects.get(pk=ticket_type.pk)


def limit(event, most):
    Event.objects.filter(pk=event.pk).update(configuration={"limits": {"tickets_per_person": most}})


def asks(api, who, kind, quantity, path="orders", contact=None):
    body = {"items": [{"type": "ticket", "id": str(kind.pk), "quantity": quantity}]}
    if contact:
        body["contact"] = contact
    return (api.as_(who) if who else api).post(f"/api/v1/{path}", body)


def assert_refused(answer):
    assert answer.status_code == 422, answer.json()
    assert [detail["code"] for detail in answer.json()["error"]["details"]] == ["person_limit"]


def test_orders_of_one_account_count_together_held_and_paid(api, fay, scarce):
    buy(fay, scarce, 2)
    order(fay, scarce, 1)
    assert_refused(asks(api, fay, scarce, 2))
    assert_refused(asks(api, fay, scarce, 2, "orders/preview"))
    assert asks(api, fay, scarce, 1).status_code == 201
    assert asks(api, UserFactory(), scarce, 4).status_code == 201


def test_the_limit_of_the_event_counts_all_of_its_types(api, fay, event, few):
    other = TicketTypeFactory(event=event)
    buy(fay, few, 4)
    assert_refused(asks(api, fay, other, 3))
    assert asks(api, fay, other, 2).status_code == 201


@pytest.mark.parametrize(
    "contact",
    [
        {"email": "GIL@Example.com", "phone": "+12125550199"},
        {"email": "other@example.com", "phone": "+1 (212) 555-0123"},
    ],
)
def test_guests_are_known_by_e_mail_and_by_phone_however_they_write_them(api, scarce, contact):
    buy(None, scarce, 3)
    assert_refused(asks(api, None, scarce, 2, contact=contact))
    assert asks(api, None, scarce, 1, contact=contact).status_code == 201


def test_what_somebody_bought_as_a_guest_counts_when_they_are_signed_in(api, scarce):
    gil = UserFactory(email=GUEST.email)
    buy(None, scarce, 3)
    assert_refused(asks(api, gil, scarce, 2))


def test_a_signed_in_buyer_is_not_somebody_else_by_giving_another_contact(api, fay, scarce):
    order(fay, scarce, 4)
    assert_refused(asks(api, fay, scarce, 1, contact={"email": "other@example.com", "phone": "+12125550199"}))


def test_a_guests_preview_looks_at_the_cart_alone(api, scarce):
    assert_refused(asks(api, None, scarce, 5, "orders/preview"))
    assert asks(api, None, scarce, 4, "orders/preview").status_code == 200


def test_what_expired_or_was_cancelled_or_refunded_may_be_had_again(api, fay, scarce):
    cancellation.cancel(order(fay, scarce, 4), by=fay, now=timezone.now())
    held = order(fay, scarce, 4)
    late = held.expires_at
    assert_refused(asks(api, fay, scarce, 1))
    expiry.expire_overdue(late)
    ticket = buy(fay, scarce, 4)[0]
    assert_refused(asks(api, fay, scarce, 1))
    send(refunding.request(ticket.order, by=None, reason="ill", now=timezone.now()))
    assert asks(api, fay, scarce, 4).status_code == 201


def test_a_hold_that_ran_out_does_not_count_before_anybody_swept_it(fay, scarce):
    first = order(fay, scarce, 4)
    Order.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    assert order(fay, scarce, 4).pk != first.pk


def test_who_pays_a_lapsed_order_after_buying_others_gets_the_money_back(fay, scarce):
    first = order(fay, scarce, 4)
    Order.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    buy(fay, scarce, 4)
    for swept in (False, True):
        if swept:
            expiry.expire_overdue(timezone.now())
        lapsed = Order.objects.get(pk=first.pk)
        with pytest.raises(CannotFulfil), transaction.atomic():
            completion.settle(lapsed, None, timezone.now())
    assert Ticket.objects.live().filter(ticket_type=scarce).count() == 4


def test_who_pays_a_lapsed_order_within_the_limit_still_gets_it(fay, scarce):
    first = order(fay, scarce, 4)
    Order.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    completion.settle(Order.objects.get(pk=first.pk), None, timezone.now())
    assert Ticket.objects.live().filter(ticket_type=scarce).count() == 4


def test_a_change_is_asked_too_and_may_always_be_to_less(api, fay, scarce):
    order(fay, scarce, 2)
    mine = order(fay, scarce, 2)

    def change(quantity):
        body = {"items": [{"type": "ticket", "id": str(scarce.pk), "quantity": quantity}]}
        return api.as_(fay).patch(f"/api/v1/orders/{mine.pk}", body)

    assert_refused(change(3))
    assert change(2).status_code == 200
    TicketType.objects.filter(pk=scarce.pk).update(max_per_person=1)
    assert change(1).status_code == 200


def test_a_limit_set_later_counts_what_was_bought_before(api, fay, event, ticket_type):
    buy(fay, ticket_type, 3)
    limit(event, 4)
    assert_refused(asks(api, fay, ticket_type, 2))


def test_staff_at_the_counter_decide_by_themselves_and_the_waiting_list_does_not(fay, scarce):
    lines = cart_lines([(TicketType.sellable_type, scarce.pk, 5)])
    place_order(lines, user=fay, contact=Contact(), now=timezone.now(), standing=Standing.STAFF)
    with pytest.raises(CartRefused):
        place_order(lines, user=UserFactory(), contact=Contact(), now=timezone.now(), standing=Standing.INVITED)


def test_without_a_limit_nobody_is_locked(fay, ticket_type):
    order(fay, ticket_type, 2)
    assert not LimitedBuyer.objects.exists()


def test_no_row_names_anybody(fay, scarce):
    order(fay, scarce, 2)
    assert LimitedBuyer.objects.count() == 2
    assert "fay" not in str(LimitedBuyer.objects.values())


def test_staff_set_it_on_a_type_and_everybody_reads_it(api, olga, stan, scarce):
    path = f"/api/v1/ticket-types/{scarce.pk}"
    assert api.as_(olga).patch(path, {"max_per_person": 2}).json()["max_per_person"] == 2
    assert api.get(path).json()["max_per_person"] == 2
    assert api.as_(olga).patch(path, {"max_per_person": None}).json()["max_per_person"] is None
    assert api.as_(stan).patch(path, {"max_per_person": 9}).status_code == 403
    below = api.as_(olga).patch(path, {"max_per_person": 1, "min_per_order": 2})
    assert (below.status_code, below.json()["error"]["details"][0]["field"]) == (422, "max_per_person")


@pytest.mark.parametrize("limits", [6, {}, {"tickets_per_person": 0}, {"tickets_per_person": "6"}, {"each": 6}])
def test_limits_that_say_nothing_clear_are_refused(api, olga, event, limits):
    answer = api.as_(olga).patch(f"/api/v1/events/{event.pk}", {"configuration": {"limits": limits}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"].startswith("configuration.limits")
    good = {"configuration": {"limits": {"tickets_per_person": 6}}}
    assert api.as_(olga).patch(f"/api/v1/events/{event.pk}", good).status_code == 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guest", [False, True])
def test_ten_orders_at_once_never_make_more_than_four(fay, scarce, is_guest):
    answers = at_once(10, lambda n: order(None if is_guest else fay, scarce, 1))

    assert sum(isinstance(each, Order) for each in answers) == 4
    assert {type(each) for each in answers} == {Order, CartRefused}
    call_command("check_inventory")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_as_a_guest_and_signed_in_at_once_it_is_still_four(scarce):
    gil = UserFactory(email=GUEST.email)

    answers = at_once(10, lambda n: order(gil if n % 2 else None, scarce, 1))

    assert sum(isinstance(each, Order) for each in answers) == 4
    call_command("check_inventory")
