"""The console tells an order's story, refunds what was paid and cancels what was not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from orders import checkout, refunding
from orders.checkout import Contact
from orders.models import Order
from orders.sellable import CartLine
from payments import charges
from payments.models import Payment, Refund
from ticketing.models import Ticket, TicketType
from trufan.lib.console.columns import local_time
from trufan.tests.console_client import as_, buttons_on, press, url
from trufan.tests.console_rows import sale_of


@pytest.fixture
def placed(ticket_type: TicketType, fay: User) -> Order:
    """Two tickets held for Fay."""
    return checkout.place_order(
        [CartLine(type="ticket", id=ticket_type.pk, quantity=2, in_cart=2)],
        user=fay,
        contact=Contact(),
        now=timezone.now(),
    )


@pytest.fixture
def bought(placed: Order, django_capture_on_commit_callbacks: Any) -> Order:
    """Two tickets paid by Fay."""
    with django_capture_on_commit_callbacks(execute=True):
        charges.start(placed, payer=placed.user, payment_method="pm_card_visa", now=timezone.now())
    placed.refresh_from_db()
    return placed


def test_an_order_tells_its_whole_story(olga: User, bought: Order) -> None:
    page = as_(olga).get(url(Order, "change", bought.pk)).content.decode()
    for expected in ("$100.00", "General Admission, Opening Night", "pm_card_visa", "order.paid", "payment.succeeded",
                     "order paid", bought.contact_email, "No money has gone back."):  # fmt: skip
        assert expected in page
    for ticket in bought.tickets.all():
        assert url(Ticket, "change", ticket.pk) in page
    assert url(Payment, "change", Payment.objects.get().pk) in page


def test_the_story_leaves_out_what_its_reader_may_not_see(gus: User, bought: Order) -> None:
    page = as_(gus).get(url(Order, "change", bought.pk)).content.decode()
    assert "General Admission, Opening Night" in page
    for hidden in ("pm_card_visa", "order.paid", "payment.succeeded"):
        assert hidden not in page


def test_the_story_takes_no_more_queries_for_more_of_it(olga: User, bought: Order, fay: User) -> None:
    client = as_(olga)
    client.get(url(Order, "change", bought.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(url(Order, "change", bought.pk))
    line, ticket = bought.items.get(), bought.tickets.first()
    for ordinal in range(3, 23):
        Ticket.objects.create(
            event=ticket.event, ticket_type=ticket.ticket_type, order=bought, order_item=line, ordinal=ordinal
        )
    payment = Payment.objects.get()
    for _ in range(10):
        Refund.objects.create(
            payment=payment, amount=1, currency="USD", reason="r", requested_by=fay, next_attempt_at=timezone.now()
        )
    with CaptureQueriesContext(connection) as many:
        client.get(url(Order, "change", bought.pk))
    assert len(many) == len(few)


def test_a_refund_sends_the_money_back_and_takes_the_tickets(
    olga: User, bought: Order, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert press(olga, bought, "refund", reason="Fell ill") == f"The refund of order {bought} is under way."
    bought.refresh_from_db()
    refund = Refund.objects.get()
    assert (bought.status, bought.amount_refunded) == ("refunded", bought.amount_paid)
    assert (refund.requested_by, refund.reason) == (olga, "Fell ill")
    assert set(bought.tickets.values_list("status", flat=True)) == {"refunded"}


def test_a_refund_needs_a_reason(olga: User, bought: Order) -> None:
    response = as_(olga).post(url(Order, "button", bought.pk, "refund"), {"reason": " "})
    assert response.context["form"].errors["reason"]
    assert not Refund.objects.exists()


def test_a_pending_order_is_not_refunded_but_says_why(olga: User, placed: Order) -> None:
    assert "there is nothing to refund" in press(olga, placed, "refund", reason="Too early")
    assert not Refund.objects.exists()


def test_cancelling_gives_the_held_tickets_back(olga: User, placed: Order, ticket_type: TicketType) -> None:
    assert press(olga, placed, "cancel") == f"Order {placed} is cancelled."
    placed.refresh_from_db()
    ticket_type.refresh_from_db()
    assert (placed.status, ticket_type.held) == ("cancelled", 0)
    assert AuditLog.objects.get(action="order.cancelled").actor == olga


def test_a_paid_order_is_not_cancelled_but_says_why(olga: User, bought: Order) -> None:
    assert "cannot become cancelled" in press(olga, bought, "cancel")
    bought.refresh_from_db()
    assert bought.status == "paid"


def test_the_door_refunds_nothing(gus: User, bought: Order) -> None:
    assert buttons_on(gus, bought) == {"check-in"}
    assert as_(gus).post(url(Order, "button", bought.pk, "refund"), {"reason": "Mine"}).status_code == 403
    assert not Refund.objects.exists()


def test_an_order_offers_what_its_state_allows(olga: User, placed: Order) -> None:
    assert buttons_on(olga, placed) == {"cancel"}
    Order.objects.filter(pk=placed.pk).update(status="expired")
    assert buttons_on(olga, placed) == set()
    response = as_(olga).get(url(Order, "button", placed.pk, "cancel"), follow=True)
    assert "does not apply" in response.content.decode()


def test_orders_are_found_by_number_address_and_name(olga: User, ticket_type: TicketType, fay: User) -> None:
    mine, other = (sale_of(ticket_type, fay, word)[Order] for word in ("Wanted", "Other"))
    Order.objects.filter(pk=other.pk).update(contact_email="other@example.com")
    for words in (mine.number, mine.number[:6].lower(), "Wanted", "fay@ex"):
        found = list(as_(olga).get(url(Order, "changelist"), {"q": words}).context["cl"].result_list)
        assert found == [mine]


def test_times_are_the_venues(olga: User, placed: Order) -> None:
    Order.objects.filter(pk=placed.pk).update(created_at=datetime(2030, 1, 5, 1, 0, tzinfo=UTC))
    assert "Fri 4 Jan 2030, 20:00 EST" in as_(olga).get(url(Order, "changelist")).content.decode()


def test_only_what_was_not_bought_is_said_to_be_held(
    olga: User, placed: Order, fay: User, ticket_type: TicketType
) -> None:
    TicketType.objects.filter(pk=ticket_type.pk).update(price=0)
    free = checkout.place_order(
        [CartLine(type="ticket", id=ticket_type.pk, quantity=1, in_cart=1)],
        user=fay, contact=Contact(), now=timezone.now(),
    )  # fmt: skip
    for order, is_held in ((placed, True), (free, False)):
        until = local_time(order.expires_at, order.venue.zone)
        assert (until in as_(olga).get(url(Order, "change", order.pk)).content.decode()) is is_held


def test_some_of_a_line_go_back_once_the_figures_were_seen(
    olga: User, bought: Order, django_capture_on_commit_callbacks: Any
) -> None:
    client, address = as_(olga), url(Order, "button", bought.pk, "refund-lines")
    answers = {str(bought.items.get().pk): "1", "reason": "Fell ill"}
    assert "Of 2, worth $100.00." in client.get(address).content.decode()
    asked = client.post(address, answers)
    assert asked.context["figures"].startswith("$50.00 goes back to the buyer")
    assert "1 × General Admission, Opening Night for $50.00" in asked.content.decode()
    assert not Refund.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {**answers, "confirmed": asked.context["figures"]}).status_code == 302
    bought.refresh_from_db()
    assert (bought.status, bought.amount_refunded) == ("paid", 5_000)
    assert sorted(bought.tickets.values_list("status", flat=True)) == ["refunded", "valid"]


def test_figures_that_changed_meanwhile_are_asked_about_again(olga: User, bought: Order) -> None:
    client, address = as_(olga), url(Order, "button", bought.pk, "refund-lines")
    answers = {str(bought.items.get().pk): "2", "reason": "Fell ill"}
    seen = client.post(address, answers).context["figures"]
    refunding.request(bought, amount=1_000, by=olga, reason="Kindness", now=timezone.now())
    again = client.post(address, {**answers, "confirmed": seen})
    assert again.context["figures"].startswith("$90.00")
    assert Refund.objects.count() == 1


def test_an_amount_goes_back_and_the_tickets_stay(
    olga: User, bought: Order, django_capture_on_commit_callbacks: Any
) -> None:
    client, address = as_(olga), url(Order, "button", bought.pk, "refund-amount")
    answers = {"amount": "12.50", "reason": "Cold hall"}
    seen = client.post(address, answers).context["figures"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {**answers, "confirmed": seen})
    bought.refresh_from_db()
    assert (bought.amount_refunded, bought.status) == (1_250, "paid")


@pytest.mark.parametrize(("amount", "said"), [("1.005", "not an exact amount"), ("x", "not an exact amount")])
def test_what_is_no_amount_is_asked_again(olga: User, bought: Order, amount: str, said: str) -> None:
    address = url(Order, "button", bought.pk, "refund-amount")
    response = as_(olga).post(address, {"amount": amount, "reason": "Cold hall"})
    assert said in str(response.context["form"].errors["amount"])


@pytest.mark.parametrize("amount", ["100.01", "0", "-1"])
def test_more_than_is_left_or_nothing_is_refused_in_words(olga: User, bought: Order, amount: str) -> None:
    said = press(olga, bought, "refund-amount", amount=amount, reason="Cold hall")
    assert "left to refund" in said or "at least one minor unit" in said
    assert not Refund.objects.exists()


def test_no_line_chosen_is_asked_again(olga: User, bought: Order) -> None:
    for answers in ({"reason": "Fell ill"}, {str(bought.items.get().pk): "3", "reason": "Fell ill"}):
        assert as_(olga).post(url(Order, "button", bought.pk, "refund-lines"), answers).context["form"].errors
    assert not Refund.objects.exists()


def test_another_venues_staff_and_the_door_refund_no_lines(stan: User, gus: User, bought: Order) -> None:
    answers = {str(bought.items.get().pk): "1", "reason": "Mine"}
    address = url(Order, "button", bought.pk, "refund-lines")
    assert as_(gus).post(address, answers).status_code == 403
    assert as_(stan).post(address, answers).status_code in (302, 403, 404)
    assert not Refund.objects.exists()
