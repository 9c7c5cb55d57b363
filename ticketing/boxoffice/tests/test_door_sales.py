"""Selling over the counter: paid at once, the money stays at the venue, and the books know it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders.models import Order
from payments.book_checks import mismatches
from payments.models import LedgerLine, Payment, RecipientDebt, Transfer
from ticketing.inventory_check import differences
from ticketing.models import DoorSale, Ticket, TicketType
from trufan.testing import EventFactory, ProductVariantFactory, TicketTypeFactory


def test_a_ticket_sold_for_cash_is_valid_at_once_and_the_change_is_told(sells, bea, ticket_type):
    answer = sells(bea, ticket_type, 2, tendered=12_000)
    assert answer.status_code == 201, answer.json()
    said = answer.json()
    assert (said["total"], said["tendered"], said["change"]) == (10_000, 12_000, 2_000)
    assert (said["status"], said["sold_by"], len(said["tickets"])) == ("paid", "Bea Booth", 2)
    assert all(each["code"].startswith("TF1:") and each["status"] == "valid" for each in said["tickets"])
    order = Order.objects.get(pk=said["order"])
    assert (order.channel, order.user, order.amount_paid, order.event_id) == (
        "door",
        None,
        10_000,
        ticket_type.event_id,
    )
    payment = Payment.objects.of(order).get()
    assert (payment.provider, payment.payment_method, payment.status) == ("till", "cash", "succeeded")
    assert TicketType.objects.get(pk=ticket_type.pk).sold == 2
    assert order.receipts.get().amount == 10_000
    assert list(differences()) == []
    assert AuditLog.objects.filter(action="door_sale.made", actor=bea).count() == 1


def test_where_codes_rotate_the_counter_hands_out_none_that_the_door_would_refuse(sells, bea, ticket_type):
    ticket_type.event.configuration = {"rotating_codes": True}
    ticket_type.event.save()
    answer = sells(bea, ticket_type)
    assert answer.status_code == 201, answer.json()
    assert [(each["code"], each["status"]) for each in answer.json()["tickets"]] == [(None, "valid")]


def test_a_card_on_the_venues_own_terminal_keeps_what_it_printed(sells, bea, ticket_type):
    answer = sells(bea, ticket_type, method="card_terminal", terminal_reference="TX-0815")
    assert answer.status_code == 201
    sale = DoorSale.objects.get(pk=answer.json()["id"])
    assert (sale.method, sale.terminal_reference, sale.tendered, sale.change) == ("card_terminal", "TX-0815", None, 0)


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"tendered": 4_999}, "tendered", "too_little_tendered"),
        ({"terminal_reference": "TX"}, "terminal_reference", "invalid"),
        ({"method": "card_terminal"}, "terminal_reference", "required"),
        ({"method": "card_terminal", "terminal_reference": "TX", "tendered": 6_000}, "tendered", "invalid"),
        ({"method": "cheque"}, "method", "invalid_choice"),
        ({"tendered": -1}, "tendered", "min_value"),
        ({"items": []}, "items", "min_length"),
    ],
)
def test_what_contradicts_itself_sells_nothing(sells, bea, ticket_type, asked, field, code):
    answer = sells(bea, ticket_type, **asked)
    assert answer.status_code == 422
    assert (field, code) in [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]
    assert not Order.objects.exists()
    assert TicketType.objects.get(pk=ticket_type.pk).held == 0


def test_only_tickets_of_the_event_are_sold(sells, bea, event, venue, ticket_type):
    other = TicketTypeFactory(event=EventFactory(venue=venue))
    burger = ProductVariantFactory(product__outlet__venue=venue)
    asked = [
        {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1},
        {"type": "ticket", "id": str(other.pk), "quantity": 1},
        {"type": "product", "id": str(burger.pk), "quantity": 1},
        {"type": "ticket", "id": str(uuid4()), "quantity": 1},
    ]
    answer = sells(bea, ticket_type, items=asked)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [
        (f"items[{at}].id", "not_for_the_counter") for at in (1, 2, 3)
    ]


def test_the_publics_time_to_buy_does_not_bind_the_counter_but_its_limits_do(sells, bea, event):
    over = TicketTypeFactory(event=event, max_per_order=4, sales_end=timezone.now() - timedelta(hours=1))
    assert sells(bea, over, 5).json()["error"]["code"] == "cart_refused"
    assert sells(bea, over, 4).status_code == 201


def test_nothing_is_sold_for_an_event_that_was_called_off(sells, bea, event, ticket_type):
    type(event).objects.filter(pk=event.pk).update(status="cancelled")
    assert sells(bea, ticket_type).json()["error"]["code"] == "cart_refused"


def test_what_is_sold_out_is_sold_out_at_the_counter_too(sells, bea, event):
    last = TicketTypeFactory(event=event, quantity=1)
    assert sells(bea, last).status_code == 201
    answer = sells(bea, last)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sold_out")
    assert DoorSale.objects.count() == Payment.objects.count() == 1


def test_a_sale_that_is_sent_twice_is_one(sells, bea, ticket_type):
    first, again = (sells(bea, ticket_type, tendered=5_000, key="till-7") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert Ticket.objects.count() == 1


def test_whoever_may_not_sell_there_sells_nothing(sells, gus, stan, fay, ada, ticket_type):
    assert sells(gus, ticket_type).status_code == 403
    assert sells(stan, ticket_type).status_code == 403
    assert sells(fay, ticket_type).status_code == 403
    assert sells(None, ticket_type).status_code in (401, 403)
    assert not Order.objects.exists()
    assert sells(ada, ticket_type).status_code == 201


def test_a_draft_event_of_another_venue_is_not_even_there(sells, stan, event, ticket_type):
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert sells(stan, ticket_type).status_code == 404


def test_free_tickets_are_handed_out_without_any_money(sells, bea, event):
    free = TicketTypeFactory(event=event, price=0)
    answer = sells(bea, free)
    assert (answer.status_code, answer.json()["total"], answer.json()["receipt_url"]) == (201, 0, None)
    assert not Payment.objects.exists()


def test_tickets_are_sent_where_the_buyer_wants_them_and_nowhere_else(sells, bea, fay, ticket_type):
    sells(bea, ticket_type)
    assert not Notification.objects.filter(template="order_paid").exists()
    answer = sells(bea, ticket_type, contact={"email": "FAY@example.com"})
    assert Notification.objects.filter(template="order_paid").exists()
    assert Ticket.objects.get(order=answer.json()["order"]).holder == fay


def test_the_platforms_part_of_what_the_venue_took_is_the_venues_debt(sells, bea, fee, ticket_type):
    sale = sells(bea, ticket_type, 2)
    order = Order.objects.get(pk=sale.json()["order"])
    transfer = Transfer.objects.get(payment__payable_id=order.pk)
    assert (transfer.status, transfer.amount, transfer.amount_sent) == ("sent", 9_000, 10_000)
    debt = RecipientDebt.objects.get()
    assert (debt.account_id, debt.amount_left) == (transfer.account_id, 1_000)
    assert _balance("till") == 0
    assert (_balance("owed"), _balance("debts"), _balance("platform_fees")) == (0, 1_000, -1_000)
    assert _balance("gateway") == 0
    assert list(mismatches()) == []


def test_a_sale_that_leaves_the_venue_nothing_is_not_taken(sells, bea, venue, event, fee):
    type(fee).objects.update(ppm=1_000_000)
    answer = sells(bea, TicketTypeFactory(event=event))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_for_the_till")
    assert not Payment.objects.exists()
    assert not Order.objects.exists()


def test_sales_are_listed_and_shown_to_who_sells_with_a_constant_number_of_queries(
    sells, api, bea, gus, stan, event, ticket_type, django_assert_max_num_queries
):
    made = [sells(bea, ticket_type, 2).json() for _ in range(3)]
    url = f"/api/v1/events/{event.pk}/door-sales"
    with django_assert_max_num_queries(8):
        listed = api.as_(bea).get(url).json()
    assert [each["id"] for each in listed["results"]] == [each["id"] for each in reversed(made)]
    assert api.as_(bea).get(url, {"method": "card_terminal"}).json()["count"] == 0
    one = f"/api/v1/door-sales/{made[0]['id']}"
    assert api.as_(bea).get(one).json()["tickets"] == made[0]["tickets"]
    assert api.as_(gus).get(one).status_code == api.as_(gus).get(url).status_code == 403
    assert api.as_(stan).get(one).status_code == 404
    assert api.as_(bea).get(f"/api/v1/door-sales/{uuid4()}").status_code == 404


def test_the_tickets_of_a_sale_are_printed_for_who_sells(sells, api, bea, stan, ticket_type):
    sale = sells(bea, ticket_type).json()
    url = f"/api/v1/door-sales/{sale['id']}/tickets.pdf"
    paper = api.as_(bea).get(url)
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert api.as_(stan).get(url).status_code == 404
    Ticket.objects.update(status="refunded")
    assert api.as_(bea).get(url).status_code == 404


def test_orders_say_how_they_were_sold_and_are_narrowed_by_it(sells, api, olga, venue, ticket_type):
    sale = sells(olga, ticket_type).json()
    orders = api.as_(olga).get("/api/v1/orders", {"venue": str(venue.pk), "channel": "door"}).json()["results"]
    assert [(each["id"], each["channel"]) for each in orders] == [(sale["order"], "door")]
    assert api.as_(olga).get("/api/v1/orders", {"venue": str(venue.pk), "channel": "web"}).json()["count"] == 0


def _balance(account: str) -> int:
    return sum(LedgerLine.objects.filter(account=account).values_list("amount", flat=True))
