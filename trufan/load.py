"""A year of busy venues: a few sales made by the rules, and as many like them as are asked for (`manage.py seed_load`).

Counters and books are consistent: `check_inventory` and `check_books` find nothing. Copied audit entries carry their
original's fingerprint, so `verify_audit` refuses such a database, as it should; and receipts are not copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum

from accounts.models import User
from audit.models import AuditLog
from events.models import Event
from notifications.models import Notification
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Fulfilment, Order, OrderItem, ProductVariant
from parking.models import GateEvent, ParkingCapacity, ParkingCharge, ParkingSession, SpaceUse
from payments import charges
from payments.gateways.sandbox import SandboxGateway
from payments.models import JournalEntry, LedgerLine, Payment, PaymentSplit, Transfer
from reports.models import BuyerOfOrder
from ticketing import codes
from ticketing.door import checkin
from ticketing.models import Scan, Ticket, TicketType
from trufan.load_copying import Buyer, Copier, people_like
from venues.models import VenueStaff

#: Tickets of the orders that are copied: one of three with a burger, and half as many of four. 10/3 on average.
_FIRST, _SECOND = 3, 4
_PLENTY = 50_000_000


@dataclass(frozen=True)
class Size:
    """How much is made. `orders` and `stays` are rounded up to what the venues and events share evenly."""

    orders: int = 300_000
    stays: int = 100_000
    venues: int = 10
    events: int = 10
    people: int = 50_000


class Stage:
    """A venue with events, a stand and a lot, and what was sold there."""

    def __init__(self, number: int, size: Size, buyer: User, steward: User, now: datetime) -> None:
        # The factories are a development requirement; the command says so where they are missing.
        testing: Any = import_module("trufan.testing")

        self.buyer, self.now = buyer, now
        tag = f"{uuid4().hex[:8]}-{number}"
        self.venue = testing.VenueFactory(name=f"Load Hall {number}", slug=f"load-{tag}")
        testing.TaxRateFactory(venue=self.venue)
        testing.StaffFactory(venue=self.venue, user=steward, role=VenueStaff.Role.MANAGER)
        # A person remembers the rights that were asked for; this one has a new venue.
        self.steward = User.objects.get(pk=steward.pk)
        stand = testing.OutletFactory(venue=self.venue, name="Load stand")
        self.burger = testing.ProductVariantFactory(product__outlet=stand, quantity=_PLENTY)
        lot = testing.LotFactory(venue=self.venue, name=f"Load lot {number}", slug=f"load-{tag}")
        self.capacity = testing.CapacityFactory(lot=lot, spaces=500)
        self.first: list[Order] = []
        self.second: list[Order] = []
        for index in range(size.events):
            event = testing.EventFactory(venue=self.venue, name=f"Load show {number}-{index}", capacity=_PLENTY)
            kind = testing.TicketTypeFactory(event=event, quantity=_PLENTY)
            self.first.append(self._sell(event, (kind, _FIRST), (self.burger, 1)))
            self.second.append(self._sell(event, (kind, _SECOND)))
            # Half of them are over, a few weeks apart, half are to come.
            shift = timedelta(days=18 * (index - size.events // 2))
            Event.objects.filter(pk=event.pk).update(
                starts_at=F("starts_at") + shift, doors_at=F("doors_at") + shift, ends_at=F("ends_at") + shift
            )
        self.stay = self._park(self.capacity)

    def _sell(self, event: Event, *lines: tuple[Any, int]) -> Order:
        order = place_order(
            cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in lines),
            user=self.buyer,
            contact=Contact(),
            now=self.now,
        )
        charges.start(
            order, payer=self.buyer, payment_method="pm_card_visa", now=self.now, provider=SandboxGateway.name
        )
        Fulfilment.objects.filter(order=order).update(status=Fulfilment.Status.PICKED_UP, ended_at=self.now)
        for ticket in Ticket.objects.with_event().filter(order=order)[:2]:
            checkin.scan(codes.sign(ticket), by=self.steward, nonce=str(uuid4()), gate="North", event_id=event.pk,
                         scanned_at=self.now, now=self.now)  # fmt: skip
        return Order.objects.get(pk=order.pk)

    def _park(self, capacity: ParkingCapacity) -> ParkingSession:
        """A car that came, paid and left."""
        came, left = self.now - timedelta(hours=3), self.now - timedelta(hours=1)
        car = {"plate": "LOAD1", "plate_key": "LOAD1"}
        use = SpaceUse.objects.create(
            capacity=capacity, purpose="session", starts_at=came, ends_at=left, is_active=False, is_inside=False
        )
        stay = ParkingSession.objects.create(
            lot=capacity.lot, capacity=capacity, use=use, user=self.buyer, contact_email=self.buyer.email,
            origin=ParkingSession.Origin.GATE, started_at=came, ended_at=left, tariff=capacity.lot.tariff,
            status="ended", **car,
        )  # fmt: skip
        for direction, at in (("entry", came), ("exit", left)):
            GateEvent.objects.create(
                lot=capacity.lot, direction=direction, is_open=True, session=stay, seen_by=self.steward,
                nonce=str(uuid4()), gate="West", seen_at=at, **car,
            )  # fmt: skip
        return stay


def make(size: Size, now: datetime, say: Callable[[str], None]) -> None:
    """Sell by the rules, copy in one transaction, and bring the counters in step."""
    testing: Any = import_module("trufan.testing")

    tag = uuid4().hex[:8]
    person = testing.UserFactory(email=f"load-buyer-{tag}@example.com", first_name="Pat", last_name="Original")
    steward = testing.UserFactory(email=f"load-manager-{tag}@example.com", role="venue_staff")
    stages = [Stage(number, size, person, steward, now) for number in range(1, size.venues + 1)]
    buyer = Buyer(str(person.pk), person.email, person.full_name, size.people)
    each = -(-size.orders // (3 * size.venues * size.events))
    first = [order.pk for stage in stages for order in stage.first]
    second = [order.pk for stage in stages for order in stage.second]
    with transaction.atomic():
        say(f"{people_like(buyer, User):>10,} accounts.User")
        for tables, count in (
            (_of_orders(first), 2 * each),
            (_of_orders(second), each),
            (_of_stays([stage.stay.pk for stage in stages]), -(-size.stays // size.venues)),
        ):
            for label, rows in Copier(tables, buyer).run(count).items():
                say(f"{rows:>10,} {label}")
        _count_again(stages)
        say("Checking the constraints …")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _of_orders(orders: list[Any]) -> list[QuerySet[Any]]:
    """Everything that a sale leaves, parents first."""
    tickets = Ticket.objects.filter(order__in=orders)
    payments = Payment.objects.filter(payable_id__in=orders)
    entries = JournalEntry.objects.filter(payment__in=payments)
    about = [*orders, *tickets.values_list("pk", flat=True), *payments.values_list("pk", flat=True)]
    mails = [f"%{number}%" for number in Order.objects.filter(pk__in=orders).values_list("number", flat=True)]
    return [
        Order.objects.filter(pk__in=orders),
        Fulfilment.objects.filter(order__in=orders),
        OrderItem.objects.filter(order__in=orders),
        tickets,
        Scan.objects.filter(ticket__in=tickets),
        payments,
        PaymentSplit.objects.filter(payment__in=payments),
        Transfer.objects.filter(payment__in=payments),
        entries,
        LedgerLine.objects.filter(entry__in=entries),
        BuyerOfOrder.objects.filter(pk__in=orders),
        AuditLog.objects.filter(entity_id__in=about),
        Notification.objects.extra(where=["context::text LIKE ANY(%s)"], params=[mails]),
    ]


def _of_stays(stays: list[Any]) -> list[QuerySet[Any]]:
    found = ParkingSession.objects.filter(pk__in=stays)
    return [
        SpaceUse.objects.filter(pk__in=found.values("use_id")),
        found,
        GateEvent.objects.filter(session__in=stays),
        ParkingCharge.objects.filter(session__in=stays),
    ]


def _count_again(stages: list[Stage]) -> None:
    """What was sold, by the lines."""
    kinds = TicketType.objects.filter(event__venue__in=[stage.venue.pk for stage in stages])
    burgers = ProductVariant.objects.filter(pk__in=[stage.burger.pk for stage in stages])
    rows: QuerySet[Any]
    for rows in (kinds, burgers):
        for row in rows:
            lines = OrderItem.objects.filter(item_type=row.sellable_type, item_id=row.pk, status="fulfilled")
            rows.filter(pk=row.pk).update(sold=lines.aggregate(all=Sum("quantity"))["all"])
