"""A door sale is paid back over the counter, by staff, and the books stay right to the cent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.calloffs import working
from orders.models import CallOff, Order
from payments import onboarding, sandbox_recipient, statements, transfers
from payments.book_checks import mismatches
from payments.models import ConnectedAccount, LedgerLine, Payment, RecipientDebt, Refund, Transfer, TransferReversal
from ticketing import personal
from ticketing.inventory_check import differences
from ticketing.models import Ticket, TicketType
from ticketing.tests.sales import buy
from trufan.testing import UserFactory


def balance(account: str) -> int:
    return sum(LedgerLine.objects.filter(account=account).values_list("amount", flat=True))


@pytest.fixture
def ready():
    """Let the venue's account receive shares."""

    def make() -> ConnectedAccount:
        account = ConnectedAccount.objects.get()
        onboarding.start(account, by=None)
        account.refresh_from_db()
        return sandbox_recipient.play(account, "ready", timezone.now())

    return make


def test_all_of_a_cash_sale_is_paid_back_by_staff_and_its_tickets_are_void(sells, refunds, bea, fee, ticket_type):
    sale = sells(bea, ticket_type, 2).json()
    assert refunds(bea, sale["order"]).status_code == 201
    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.requested_by) == ("succeeded", 10_000, bea)
    assert Order.objects.get(pk=sale["order"]).status == "refunded"
    assert set(Ticket.objects.values_list("status", flat=True)) == {"refunded"}
    assert TicketType.objects.get(pk=ticket_type.pk).sold == 0
    reversal = TransferReversal.objects.get()
    assert (reversal.status, reversal.amount, reversal.provider_id) == ("succeeded", 9_000, None)
    assert (balance("till"), balance("gateway"), balance("platform_fees")) == (0, 0, 0)
    # The platform owes its part back, the venue still owes it from the sale: nothing in all.
    assert balance("owed") + balance("debts") == 0
    assert list(mismatches()) == []
    assert list(differences()) == []
    call_command("check_books")


def test_one_ticket_at_a_time_the_platform_gives_back_exactly_its_part(sells, refunds, bea, fee, event, ticket_type):
    TicketType.objects.filter(pk=ticket_type.pk).update(price=3_335)
    sale = sells(bea, ticket_type, 3).json()
    line = Order.objects.get(pk=sale["order"]).items.get()
    for _ in range(3):
        assert refunds(bea, sale["order"], items=[{"id": str(line.pk), "quantity": 1}]).status_code == 201
        assert list(mismatches()) == []
    assert Payment.objects.get().amount_refunded == 3 * 3_335
    assert (balance("till"), balance("platform_fees"), balance("owed") + balance("debts")) == (0, 0, 0)
    assert Order.objects.get(pk=sale["order"]).status == "refunded"


def test_a_kindness_in_cash_leaves_the_tickets_and_the_books_sound(sells, refunds, bea, fee, ticket_type):
    sale = sells(bea, ticket_type, 2).json()
    assert refunds(bea, sale["order"], amount=1_001).status_code == 201
    assert set(Ticket.objects.values_list("status", flat=True)) == {"valid"}
    assert balance("till") == 0
    assert list(mismatches()) == []


def test_its_buyer_cannot_pay_themselves_back(sells, refunds, bea, fay, ticket_type):
    sale = sells(bea, ticket_type, contact={"email": fay.email}).json()
    answer = refunds(fay, sale["order"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "refund_not_offered")
    assert not Refund.objects.exists()


def test_nobody_else_pays_back_and_nobody_twice(sells, refunds, bea, gus, stan, ticket_type):
    sale = sells(bea, ticket_type).json()
    assert refunds(gus, sale["order"]).status_code == 403
    assert refunds(stan, sale["order"]).status_code == 404
    assert refunds(bea, sale["order"]).status_code == 201
    assert refunds(bea, sale["order"]).status_code == 409
    assert Refund.objects.count() == 1


def test_what_the_venue_owes_of_cash_is_kept_from_its_next_share_of_what_is_paid_online(
    sells, bea, fee, ticket_type, ready
):
    sells(bea, ticket_type, 2)
    ready()
    buy(UserFactory(), ticket_type)
    transfers.send_due(timezone.now() + timedelta(hours=1))
    online = Transfer.objects.exclude(payment__provider="till").get()
    assert (online.status, online.amount, online.amount_withheld, online.amount_sent) == ("sent", 4_500, 1_000, 3_500)
    assert RecipientDebt.objects.get().amount_left == 0
    assert (balance("owed"), balance("debts"), balance("till")) == (0, 0, 0)
    assert list(mismatches()) == []


def test_a_fee_that_was_paid_is_sent_back_to_the_venue_when_its_cash_sale_is(
    sells, refunds, bea, fee, ticket_type, ready
):
    sale = sells(bea, ticket_type, 2).json()
    ready()
    buy(UserFactory(), ticket_type)
    transfers.send_due(timezone.now() + timedelta(hours=1))
    refunds(bea, sale["order"])
    transfers.send_due(timezone.now() + timedelta(hours=2))
    back = Transfer.objects.get(payment__provider="till", refund__isnull=False)
    assert (back.status, back.amount, back.amount_sent, bool(back.provider_id)) == ("sent", 1_000, 1_000, True)
    assert (balance("owed"), balance("debts"), balance("till"), balance("platform_fees")) == (0, 0, 0, -500)
    assert list(mismatches()) == []


def test_the_venues_statement_tells_what_it_kept_and_what_it_owes(sells, refunds, bea, venue, fee, ticket_type):
    sells(bea, ticket_type, 2)
    now = timezone.now()
    period = statements.Period.of(None, None, venue.zone, now)
    [statement] = statements.statements(list(statements.balances(venue.pk, period)), period)
    assert {each.kind: each.amount for each in statement.movements} == {"share": 9_000, "till": -10_000}
    assert (statement.closing, statement.debt) == (-1_000, 1_000)


def test_calling_the_event_off_pays_nobody_cash_that_no_hand_gave(sells, refunds, bea, event, ticket_type):
    sale = sells(bea, ticket_type).json()
    type(event).objects.filter(pk=event.pk).update(status="cancelled")
    call_off = CallOff.objects.create(event=event, reason="Storm", started_by=bea)
    working.work(call_off, timezone.now())
    row = call_off.orders.get()
    assert (row.status, row.error_code) == ("failed", "refund_not_offered")
    assert not Refund.objects.exists()
    refunds(bea, sale["order"])
    working.retry(call_off, by=bea, now=timezone.now())
    working.work(CallOff.objects.get(), timezone.now())
    row.refresh_from_db()
    assert row.status == "nothing"
    assert list(mismatches()) == []


def test_what_staff_did_at_the_counter_is_in_their_export(sells, bea, ticket_type):
    sells(bea, ticket_type)
    [sale] = personal.export(bea)["door_sales_made"]
    assert sale["method"] == "cash"
