"""Nights on which anything happens in any order, for tests: what is sold, given back, disputed and paid out."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from orders.cart import cart_lines
from orders.checkout import Contact
from orders.errors import AlreadyRefunded, CartRefused, NotRefundable, RefundRefused
from orders.models import Order
from orders.pricing import Tip
from orders.receivers import adopt_guest_orders
from orders.tests.carts import buy, place
from orders.tests.refunds import send
from orders.tests.test_refund_series import take
from payments import charges, dispute_recovery, disputes, onboarding, refunds, reversals, sandbox_recipient, transfers
from payments.errors import PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.models import Dispute, Payment, Refund, SandboxIntent, SandboxRefund
from reports.fans import knowing
from ticketing.boxoffice import comps, selling
from trufan.testing import (
    EventFactory,
    ProductVariantFactory,
    PromoCodeFactory,
    StaffFactory,
    TaxRateFactory,
    TicketTypeFactory,
    UserFactory,
    VenueFactory,
)
from venues import payouts
from venues.models import FeeRule

REFUSALS = (NotRefundable, RefundRefused, RefundExceedsPayment, AlreadyRefunded, PaymentDisputed, CartRefused)


class Night:
    """One venue, what it sells, and who has bought there: `bought[person]` are days of its clock."""

    def __init__(self) -> None:
        self.venue = VenueFactory(ticket_fee_fixed=99, time_zone="America/New_York")
        TaxRateFactory(venue=self.venue, name="Sales tax", rate_ppm=88_750)
        FeeRule.objects.create(venue=self.venue, kind="ticket", paid_by="venue", ppm=30_000)
        self.event = EventFactory(venue=self.venue, starts_at=timezone.now() + timedelta(days=60))
        self.tickets = [TicketTypeFactory(event=self.event, price=price) for price in (0, 999, 4_500)]
        self.food = ProductVariantFactory(product__outlet__venue=self.venue, price=1_150)
        self.codes = [
            PromoCodeFactory(venue=self.venue, code=f"CODE{ppm}", ppm=ppm, is_stackable=True)
            for ppm in (100_000, 250_000, 1_000_000)
        ]
        self.users = [UserFactory() for _ in range(3)]
        self.seller = StaffFactory(venue=self.venue).user
        account = payouts.account_of(self.venue)
        onboarding.start(account, by=None)
        account.refresh_from_db()
        sandbox_recipient.play(account, "ready", timezone.now())
        self.bought: dict[Any, list[date]] = defaultdict(list)
        self.orders: list[Order] = []

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.venue.zone).date()

    def play(self, step: str, at: int, amount: int) -> None:
        """One thing happens; what the rules refuse does not."""
        with contextlib.suppress(*REFUSALS):
            getattr(self, step)(at, amount)

    # -- What is sold --

    def buys(self, at: int, amount: int) -> None:
        user = self.users[at % 3]
        codes = [code.code for code in self.codes[: at % 4]]
        lines = [(self.tickets[at % 3], 1 + amount % 3)] + [(self.food, 1 + at % 2)] * (amount % 2)
        self.orders.append(buy(user, *lines, codes=codes, tip=Tip(amount % 400 if amount % 2 else 0)))
        self._note(user.pk)

    def buys_as_guest(self, at: int, amount: int) -> None:
        user = self.users[at % 3]
        order = place(None, (self.tickets[2], 1), contact=Contact(email=user.email, phone="+12125550123"))
        charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())
        self.orders.append(Order.objects.get(pk=order.pk))
        self._note(("guest", user.email))

    def sells_for_cash(self, at: int, amount: int) -> None:
        lines = cart_lines([("ticket", self.tickets[1 + at % 2].pk, 1 + amount % 2)])
        sale = selling.sell(self.event, lines, taken=selling.Taken("cash"), by=self.seller, now=timezone.now())
        self.orders.append(sale.order)

    def gives_away(self, at: int, amount: int) -> None:
        comps.give(self.tickets[2], quantity=1, name="Critic", email="critic@example.com", reason="Press",
                   by=self.seller, now=timezone.now())  # fmt: skip

    # -- What goes back --

    def gives_back(self, at: int, amount: int) -> None:
        if self.orders:
            order = self.orders[at % len(self.orders)]
            order.refresh_from_db()
            take(order, ("piece", "line", "amount", "pending", "answer")[amount % 5], at, 1 + amount % 700)
            for refund in order.refunds.all() if amount % 5 != 3 else ():
                send(refund)

    def is_returned(self, at: int, amount: int) -> None:
        gone = Refund.objects.filter(payment__venue_id=self.venue.pk, status="succeeded", payment__provider="sandbox")
        for refund in gone.order_by("pk")[at : at + 1]:
            SandboxRefund.objects.filter(key=refund.idempotency_key).update(status="failed")
            refunds.settle(refund.pk, RefundOutcome("", Refund.Status.FAILED, "Closed."), timezone.now())

    def is_disputed(self, at: int, amount: int) -> None:
        rows = Payment.objects.filter(venue_id=self.venue.pk, status="succeeded", provider="sandbox")
        for payment in rows.order_by("pk")[at : at + 1]:
            intent = SandboxIntent.objects.get(reference=payment.pk)
            kept = sandbox_disputes.open_dispute(intent, timezone.now(), 1 + amount % payment.amount)
            disputes.record(payment, sandbox_disputes.outcome(kept), timezone.now())

    def is_decided(self, at: int, amount: int) -> None:
        for dispute in Dispute.objects.open().filter(payment__venue_id=self.venue.pk).order_by("pk")[:1]:
            kept = sandbox_disputes.dispute_of(dispute.provider_id)
            sandbox_disputes.decide(kept, ("won", "lost")[amount % 2], timezone.now())
            dispute_recovery.refresh("sandbox", dispute.provider_id, timezone.now())

    # -- What follows --

    def is_paid_out(self, at: int, amount: int) -> None:
        transfers.send_due(timezone.now())
        reversals.execute_due(timezone.now())

    def joins(self, at: int, amount: int) -> None:
        """A guest's address turns out to be an account's."""
        user = self.users[at % 3]
        adopt_guest_orders(None, user=user)
        self.bought[user.pk] += self.bought.pop(("guest", user.email), [])

    def is_erased(self, at: int, amount: int) -> None:
        """A person goes, and comes again as another one."""
        user = self.users[at % 3]
        knowing.erase(user, timezone.now())
        self.bought["gone", user.pk] = self.bought.pop(user.pk, [])
        self.users[at % 3] = UserFactory()

    def _note(self, person: Any) -> None:
        self.bought[person].append(self.today)

    def people(self, since: date, until: date) -> tuple[int, int]:
        """How many bought within these days, and how many of them for the first time."""
        within = [days for days in self.bought.values() if any(since <= day <= until for day in days)]
        return len(within), sum(min(days) >= since for days in within)


STEPS = (
    "buys", "buys", "buys", "buys_as_guest", "sells_for_cash", "gives_away", "gives_back", "gives_back", "is_returned",
    "is_disputed", "is_decided", "is_paid_out", "joins", "is_erased",
)  # fmt: skip
