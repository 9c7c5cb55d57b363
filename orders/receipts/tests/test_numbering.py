"""Numbers: one for each paper, by venue, without gaps, given after the commit of what they are for."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import refunding
from orders.aftersale.tests.meals import buy
from orders.models import Order, Receipt, ReceiptSeries
from orders.receipts import issuing
from orders.receipts.issuing import issue, issue_due
from orders.refund_plan import AskedLine
from orders.tests.test_holds import place
from payments import charges, refunds
from payments.gateways.base import ChargeOutcome, RefundOutcome
from payments.models import Payment, Refund
from trufan.lib import sweeps
from trufan.testing import EventFactory, TaxRateFactory, TicketTypeFactory, UserFactory, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Runs what was left for after the commit, as the server does."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def numbers(venue):
    return list(Receipt.objects.filter(venue=venue).order_by("number").values_list("number", "kind", "amount"))


def test_a_paid_order_gets_its_number_after_the_commit(fay, venue, ticket_type, commits):
    with commits():
        order = buy(fay, (ticket_type, 2))
        assert (order.receipts_due, numbers(venue)) == (True, [])

    order.refresh_from_db()
    assert (order.receipts_due, numbers(venue)) == (False, [(1, "sale", 10_000)])


def test_the_number_is_no_part_of_the_sale(fay, ticket_type, django_assert_num_queries, monkeypatch):
    """A broken numbering costs no ticket; the sweep tries again."""
    monkeypatch.setattr(issuing, "_number", lambda paper, now: 1 / 0)
    order = buy(fay, (ticket_type, 1))
    assert order.status == "paid"
    with pytest.raises(ExceptionGroup):
        issue_due(timezone.now())
    monkeypatch.undo()
    assert issue_due(timezone.now()) == 1


def test_the_sweep_numbers_what_no_nudge_did_and_nothing_twice(fay, venue, ticket_type):
    for _ in range(3):
        buy(fay, (ticket_type, 1))
    assert sweeps.run_all(timezone.now())["orders.receipts"] == 3
    assert sweeps.run_all(timezone.now())["orders.receipts"] == 0
    assert [number for number, _, _ in numbers(venue)] == [1, 2, 3]


def test_each_venue_counts_for_itself(fay, venue, other_venue, ticket_type):
    other = TicketTypeFactory(event=EventFactory(venue=other_venue))
    for thing in (ticket_type, other, ticket_type):
        buy(fay, (thing, 1))
    issue_due(timezone.now())
    assert [number for number, _, _ in numbers(venue)] == [1, 2]
    assert [number for number, _, _ in numbers(other_venue)] == [1]


def test_what_is_rolled_back_leaves_no_gap(fay, venue, ticket_type, monkeypatch):
    order = buy(fay, (ticket_type, 1))
    monkeypatch.setattr(issuing, "record", lambda *args, **facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        issue(Order, order.pk, timezone.now())
    assert (numbers(venue), ReceiptSeries.objects.count()) == ([], 0)

    monkeypatch.undo()
    issue(Order, order.pk, timezone.now())
    assert numbers(venue) == [(1, "sale", 5_000)]
    assert ReceiptSeries.objects.get().last_number == 1


def test_what_costs_nothing_has_no_receipt(fay, venue, event):
    order = buy(fay, (TicketTypeFactory(event=event, price=0), 2))
    assert (order.status, order.receipts_due, issue_due(timezone.now())) == ("paid", False, 0)


def test_a_refund_gets_a_credit_note_once_its_money_went(fay, venue, olga, ticket_type, commits):
    with commits():
        order = buy(fay, (ticket_type, 2))
    asked = refunding.request(order, amount=700, by=olga, reason="Rain", now=timezone.now())
    assert issue_due(timezone.now()) == 0
    with commits():
        refunds.execute(asked.parts.get().pk, timezone.now())

    assert numbers(venue) == [(1, "sale", 10_000), (2, "credit_note", 700)]
    assert Receipt.objects.get(number=2).amends == Receipt.objects.get(number=1)


def test_credit_notes_come_to_the_order_exactly(fay, venue, olga, ticket_type, commits):
    TaxRateFactory(venue=venue, rate_ppm=88_750)
    other = TicketTypeFactory(event=ticket_type.event, price=3_333)
    with commits():
        order = buy(fay, (ticket_type, 3), (other, 2))
    first, second = order.items.all()
    one, two = {"asked": [AskedLine(first.pk, 1)]}, {"asked": [AskedLine(second.pk, 2)]}
    for what in ({"amount": 1}, one, {"amount": 777}, two, {}):
        with commits():
            refunding.request(order, **what, by=olga, reason="Rain", now=timezone.now())

    sale, *notes = Receipt.objects.order_by("number")
    assert len(notes) == 5
    for name in ("total", "tax"):
        assert sum(note.contents[name] for note in notes) == sale.contents[name]
    for line in sale.contents["lines"]:
        gone = [each for note in notes for each in note.contents["lines"] if each["id"] == line["id"]]
        for name in ("net", "tax", "total"):
            assert sum(each[name] for each in gone) == line[name]
    for note in notes:
        assert sum(line["total"] for line in note.contents["lines"]) == note.amount == note.contents["total"]
        assert all(line["net"] + line["tax"] == line["total"] for line in note.contents["lines"])
    ticket = notes[1].contents["lines"]
    assert [(line["id"], line["quantity"]) for line in ticket] == [(str(first.pk), 1)]


def test_money_that_came_too_late_and_went_back_has_no_papers(fay, ticket_type):
    late = place(fay, (ticket_type, 1))
    payment = charges.start(late, payer=fay, payment_method="pm_card_authenticationRequired", now=timezone.now())
    Order.objects.filter(pk=late.pk).update(status="cancelled")
    came = ChargeOutcome(payment.provider_id, Payment.Status.SUCCEEDED, payment.amount, payment.currency)
    charges.settle(payment.pk, came, timezone.now())
    refunds.settle(Refund.objects.get().pk, RefundOutcome("re_1", Refund.Status.SUCCEEDED), timezone.now())

    assert issue_due(timezone.now()) == 0
    late.refresh_from_db()
    assert (late.amount_paid, late.amount_refunded, late.receipts_due) == (5_000, 5_000, False)
    assert not Receipt.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_without_gaps_and_each_its_own():
    event = EventFactory()
    thing, buyers = TicketTypeFactory(event=event), [UserFactory() for _ in range(8)]
    # Paying asks for the number once it is committed: here in the same thread.
    at_once(8, lambda n: buy(buyers[n], (thing, 1)))
    found = list(Receipt.objects.order_by("number").values_list("number", flat=True))
    assert found == list(range(1, 9))
    assert Receipt.objects.values("subject_id").distinct().count() == 8
    assert ReceiptSeries.objects.get().last_number == 8


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_order_asked_for_at_once_gets_one_number(monkeypatch):
    monkeypatch.setattr(issuing.nudging, "after_commit", lambda *args: None)
    order = buy(UserFactory(), (TicketTypeFactory(event=EventFactory()), 1))
    answers = at_once(8, lambda n: issue(Order, order.pk, timezone.now()))
    assert sorted(len(answer) for answer in answers) == [0] * 7 + [1]
    assert Receipt.objects.get().number == 1
