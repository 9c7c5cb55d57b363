"""One timeline tells an order's whole story, each reader their part of it, in a constant number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from notifications.models import Notification
from orders import refunding, timeline
from orders.models import Order
from orders.refund_plan import AskedLine
from orders.tests.refunds import buy, send
from payments import dispute_answers, dispute_recovery
from payments.gateways import sandbox_disputes
from payments.models import Payment, Refund, SandboxIntent
from ticketing.door import by_hand
from ticketing.models import Scan, Ticket, TicketTransfer
from trufan.tests.console_client import as_, url


def story(api: Any, user: User, order: Order, **query: Any) -> Any:
    return api.as_(user).get(f"/api/v1/orders/{order.pk}/timeline", query)


def texts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [moment["text"] for moment in answer.json()["moments"]]


@pytest.fixture
def order(fay: User, gus: User, olga: User, ticket_type: Any) -> Order:
    """Two tickets: one was let in by Gus, which he took back; the other is refunded by Olga."""
    bought = buy(fay, (ticket_type, 2))
    one, other = bought.tickets.order_by("ordinal")
    now = timezone.now()
    by_hand.admit(one, gus, now, gate="North")
    by_hand.undo(one, gus, "Wrong person", now + timedelta(seconds=5))
    asked = [AskedLine(bought.items.get().pk, tickets=(other.pk,))]
    send(refunding.request(bought, asked=asked, reason="Fell ill", by=olga, now=now))
    return Order.objects.get(pk=bought.pk)


def test_it_is_told_from_the_cart_to_the_refund(api, olga, order):
    told = texts(story(api, olga, order, first="oldest"))
    number = order.tickets.order_by("ordinal").first()
    in_order = [
        next(place for place, text in enumerate(told) if text.startswith(start))
        for start in (
            "Placed online, $100.00.",
            "Payment of $100.00 begun, by pm_card_visa.",
            "Paid.",
            "Refund of $50.00 asked for (1 × General Admission, Opening Night): Fell ill",
        )
    ]
    assert in_order == sorted(in_order)
    for expected in (
        "Payment of $100.00 succeeded.",
        "Paid.",
        "2 × General Admission, Opening Night: issued.",
        "1 × General Admission, Opening Night: void.",
        f"Ticket {number} let in (North).",
        "Refund of $50.00 has gone back to the buyer.",
    ):
        assert expected in told
    assert any(text.startswith(f"Check-in of ticket {number} undone") for text in told)
    assert any(text.startswith("order.paid") for text in told)
    assert any("“order paid”" in text for text in told)


def test_it_says_who(api, olga, gus, fay, order):
    who = {moment["text"]: moment["who"] for moment in story(api, olga, order).json()["moments"]}
    assert who["Placed online, $100.00."] == str(fay)
    assert next(name for text, name in who.items() if "let in" in text) == str(gus)
    assert next(name for text, name in who.items() if text.startswith("Refund of $50.00 asked")) == str(olga)


def test_newest_first_is_the_same_story_backwards(api, olga, order):
    newest = [moment["at"] for moment in story(api, olga, order).json()["moments"]]
    assert newest == sorted(newest, reverse=True)
    assert sorted(texts(story(api, olga, order))) == sorted(texts(story(api, olga, order, first="oldest")))


def test_the_door_reads_no_money_and_no_record(api, gus, order):
    told = story(api, gus, order).json()["moments"]
    assert {moment["kind"] for moment in told} == {"order", "tickets", "door", "messages"}
    assert texts(story(api, gus, order, kind="money")) == []


def test_it_is_narrowed_by_kind(api, olga, order):
    assert {moment["kind"] for moment in story(api, olga, order, kind="door").json()["moments"]} == {"door"}
    assert story(api, olga, order, kind="nonsense").status_code == 422


def test_it_is_staffs_and_this_venues(api, fay, stan, order):
    assert story(api, fay, order).status_code == 403
    assert story(api, stan, order).status_code == 404
    assert api.get(f"/api/v1/orders/{order.pk}/timeline").status_code == 401
    assert as_(stan).get(url(Order, "change", order.pk)).status_code in (302, 404)


def test_the_newest_are_shown_and_the_rest_on_asking(api, olga, gus, order):
    ticket = order.tickets.first()
    at = timezone.now() + timedelta(hours=1)
    Scan.objects.bulk_create(
        Scan(
            ticket=ticket, event=ticket.event, venue_id=order.venue_id, scanned_by=gus, nonce=f"n{n}", gate=f"Gate {n}",
            result="refused", reason="already_used", scanned_at=at + timedelta(seconds=n),
        )
        for n in range(timeline.SHOWN + 5)
    )  # fmt: skip
    answer = story(api, olga, order, kind="door").json()
    assert answer["has_more"] is True
    assert len(answer["moments"]) == timeline.SHOWN
    assert f"(Gate {timeline.SHOWN + 4})" in answer["moments"][0]["text"]
    page = as_(olga).get(url(Order, "change", order.pk), {"story": "door"}).content.decode()
    assert "Show all" in page and "(Gate 0)" not in page
    whole = as_(olga).get(url(Order, "change", order.pk), {"story": "door", "all": "1"}).content.decode()
    assert "Show all" not in whole and "(Gate 0)" in whole


def test_the_page_narrows_it_and_turns_it_round(olga, order):
    page = as_(olga).get(url(Order, "change", order.pk), {"story": "money", "first": "oldest"}).content.decode()
    assert "Payment of $100.00 succeeded." in page
    assert "let in (North)" not in page
    assert page.index("Payment of $100.00 begun") < page.index("Refund of $50.00 asked for")
    assert 'aria-current="true">Money' in page


def test_it_takes_no_more_queries_for_a_longer_story(olga, gus, fay, order):
    client = as_(olga)
    client.get(url(Order, "change", order.pk))
    ticket = order.tickets.order_by("ordinal").first()
    _more(order, ticket, fay, gus)
    with CaptureQueriesContext(connection) as few:
        client.get(url(Order, "change", order.pk))
    for _ in range(8):
        _more(order, ticket, fay, gus)
    with CaptureQueriesContext(connection) as many:
        client.get(url(Order, "change", order.pk))
    assert len(many) == len(few)
    assert len(many) < 100


def _more(order: Order, ticket: Ticket, fay: User, gus: User) -> None:
    """One more of everything that may grow."""
    now = timezone.now()
    part = Refund.objects.create(
        payment=Payment.objects.get(), amount=1, currency="USD", reason="r", requested_by=fay, next_attempt_at=now
    )
    order.refunds.create(kind="amount", amount=1, reason="Sorry", requested_by=fay).parts.add(part)
    TicketTransfer.objects.create(
        ticket=ticket, offered_by=fay, to_email="sam@example.com", status="withdrawn", expires_at=now, decided_at=now
    )
    Scan.objects.create(
        ticket=ticket, event=ticket.event, venue_id=order.venue_id, scanned_by=gus, nonce=str(uuid4()),
        result="refused", reason="already_used", scanned_at=now,
    )  # fmt: skip


def test_it_tells_who_answered_the_bank_and_who_gave_a_dispute_up(api, olga, order):
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now(), 1_000, "")
    dispute = dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())
    dispute_answers.submit(dispute, text="They came.", by=olga, now=timezone.now())
    who = {moment["text"]: moment["who"] for moment in story(api, olga, order, kind="money").json()["moments"]}
    assert who["The dispute was answered."] == str(olga)
    assert any(text.startswith("The buyer's bank claims $10.00 back") for text in who)
    second = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now(), 500, "")
    again = dispute_recovery.refresh("sandbox", second.provider_id, timezone.now())
    dispute_answers.accept(again, by=olga, now=timezone.now())
    who = {moment["text"]: moment["who"] for moment in story(api, olga, order, kind="money").json()["moments"]}
    assert who["The dispute was given up."] == str(olga)


def test_it_tells_of_text_messages_and_of_what_was_written_about_its_tickets(api, olga, fay, order):
    ticket = order.tickets.order_by("ordinal").first()
    said = {"venue_id": order.venue_id, "user": fay, "status": "sent", "next_attempt_at": timezone.now()}
    Notification.objects.create(
        channel="sms", template="order_paid", recipient="+12125550100", context={"number": order.number}, **said
    )
    about_it = {"number": ticket.number}
    Notification.objects.create(
        channel="email", template="transfer_offered", recipient="sam@example.com", context=about_it, **said
    )
    told = texts(story(api, olga, order, kind="messages"))
    assert "SMS “order paid” to +12125550100: sent." in told
    assert not any("transfer offered" in text for text in told)
    TicketTransfer.objects.create(
        ticket=ticket, offered_by=fay, to_email="sam@example.com", expires_at=timezone.now() + timedelta(days=1)
    )
    told = texts(story(api, olga, order, kind="messages"))
    assert any(text.startswith("E-mail “transfer offered” to sam@example.com") for text in told), told
