"""The demonstration data: six people, two venues with stands, lots and seats, shows past and coming, tickets and scans.

Everything that has a rule goes through it, so the demo has the same audit trail, mails and counters as real life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import Role, User
from events import lifecycle
from events.models import Event
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order, PromoCode
from orders.promos import managing
from payments import charges
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment
from ticketing import codes, ticket_types
from ticketing.door import checkin
from ticketing.models import Ticket, TicketType
from trufan.demo_kitchen import seed_kitchen
from trufan.demo_menu import open_outlets
from trufan.demo_parking import seed_parking
from trufan.demo_seating import draw_plan
from venues.models import TaxRate, Venue, VenueStaff


@dataclass(frozen=True)
class Person:
    email: str
    password: str
    first_name: str
    last_name: str
    role: str


PEOPLE = [
    Person("admin@trufan.com", "Admin123!", "Ada", "Admin", Role.SUPER_ADMIN),
    Person("manager@trufan.com", "Manager123!", "Olga", "Operator", Role.VENUE_ADMIN),
    Person("steward@trufan.com", "Steward123!", "Gus", "Gate", Role.VENUE_STAFF),
    Person("attendant@trufan.com", "Attendant123!", "Val", "Valet", Role.VENUE_STAFF),
    Person("customer1@example.com", "Customer123!", "Fay", "Fan", Role.CUSTOMER),
    Person("customer2@example.com", "Customer123!", "Finn", "Fan", Role.CUSTOMER),
]

VENUES: list[dict[str, Any]] = [
    {
        "slug": "garden-arena",
        "name": "Garden Arena",
        "description": "A hall of 5,000 in the middle of town.",
        "street": "4 Pennsylvania Plaza",
        "city": "New York",
        "region": "NY",
        "postal_code": "10001",
        "country": "US",
        "latitude": 40.7505,
        "longitude": -73.9934,
        "time_zone": "America/New_York",
        "currency": "USD",
        "contact_email": "hello@garden-arena.example.com",
        "configuration": {
            "sections": [
                {"name": section, "rows": [{"name": row, "seats": 25} for row in "ABCDEF"]}
                for section in ("110", "111", "112", "113")
            ]
        },
        "ticket_fee_fixed": 150,
        "ticket_fee_ppm": 25_000,
    },
    {
        "slug": "riverside-hall",
        "name": "Riverside Hall",
        "description": "Six hundred seats by the river.",
        "street": "Belvedere Road",
        "city": "London",
        "postal_code": "SE1 8XX",
        "country": "GB",
        "latitude": 51.5058,
        "longitude": -0.1166,
        "time_zone": "Europe/London",
        "currency": "GBP",
        "contact_email": "hello@riverside-hall.example.com",
    },
]

TAXES = {
    "garden-arena": [
        ("Sales tax", category, 88_750, False)
        for category in (
            TaxRate.Category.TICKET,
            TaxRate.Category.FOOD,
            TaxRate.Category.BEVERAGE,
            TaxRate.Category.ALCOHOL,
            TaxRate.Category.MERCHANDISE,
        )
    ],
    "riverside-hall": [("VAT", TaxRate.Category.TICKET, 200_000, True), ("VAT", TaxRate.Category.FEE, 200_000, True)],
}


def seed(now: datetime) -> list[str]:
    """Write whatever of the demo is not there yet; returns a line for each thing it made. Safe to repeat."""
    now = now.replace(second=0, microsecond=0)
    made: list[str] = []
    people = {person.email: _person(person, now, made) for person in PEOPLE}
    manager, steward = people["manager@trufan.com"], people["steward@trufan.com"]
    for facts in VENUES:
        venue = _venue(facts, made)
        _staff(venue, manager, VenueStaff.Role.MANAGER)
        if venue.slug == "garden-arena":
            _staff(venue, steward, VenueStaff.Role.DOOR)
            _staff(venue, people["attendant@trufan.com"], VenueStaff.Role.PARKING)
    arena = Venue.objects.get(slug="garden-arena")
    hall = Venue.objects.get(slug="riverside-hall")
    _promo(arena, manager, made)
    draw_plan(arena, manager, made)
    open_outlets(arena, manager, made)
    tonight = _tonight(arena, manager, now, made)
    _upcoming(arena, hall, manager, now, made)
    _past(arena, manager, people["customer2@example.com"], now, made)
    _sell_and_scan(tonight, people["customer2@example.com"], steward, now, made)
    seed_kitchen(arena, [people["customer1@example.com"], people["customer2@example.com"]], manager, now, made)
    seed_parking(arena, manager, people["customer1@example.com"], tonight, now, made)
    return made


def _person(person: Person, now: datetime, made: list[str]) -> User:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            person.password,
            first_name=person.first_name,
            last_name=person.last_name,
            role=person.role,
            email_verified_at=now,
        )
        made.append(f"{person.role} {person.email}")
    return user


def _venue(facts: dict[str, Any], made: list[str]) -> Venue:
    venue, is_new = Venue.objects.get_or_create(slug=facts["slug"], defaults=facts)
    if is_new:
        made.append(f"venue {venue.name}")
        for name, category, ppm, inclusive in TAXES[venue.slug]:
            TaxRate.objects.create(venue=venue, name=name, category=category, rate_ppm=ppm, is_inclusive=inclusive)
    return venue


def _staff(venue: Venue, user: User, role: str) -> None:
    VenueStaff.objects.get_or_create(venue=venue, user=user, defaults={"role": role})


def _promo(venue: Venue, manager: User, made: list[str]) -> None:
    """Ten percent off tickets, for the guide's examples."""
    if not PromoCode.objects.filter(venue=venue, code="WELCOME10").exists():
        managing.create(
            venue, manager, code="WELCOME10", name="First visit", kind="percent", ppm=100_000, item_type="ticket"
        )
        made.append(f"promo code WELCOME10 at {venue.name}")


def _tonight(venue: Venue, manager: User, now: datetime, made: list[str]) -> Event:
    """A show whose doors are open now; a later run makes a new one once the last is over."""
    running = Event.objects.published().filter(
        venue=venue, name="Friday Night Live", doors_at__lte=now, ends_at__gt=now + timedelta(hours=2)
    )
    return running.first() or _event(
        venue,
        manager,
        now,
        made,
        name="Friday Night Live",
        description="Three bands, one night. Doors are open.",
        category=Event.Category.CONCERT,
        doors_at=now - timedelta(hours=1),
        starts_at=now + timedelta(hours=2),
        ends_at=now + timedelta(hours=8),
        capacity=2_000,
        types=[("General Admission", 4_500, 1_500), ("Balcony", 6_500, 300), ("Press", 0, 20, "hidden")],
    )


def _upcoming(arena: Venue, hall: Venue, manager: User, now: datetime, made: list[str]) -> None:
    shows = [
        (
            arena,
            "Summer Sound",
            Event.Category.CONCERT,
            21,
            5_000,
            [("Floor", 7_900, 3_000), ("Tribune", 5_900, 2_000)],
        ),
        (arena, "City Derby", Event.Category.SPORTS, 35, 5_000, [("Home", 3_900, 4_000), ("Away", 3_900, 1_000)]),
        (
            hall,
            "An Evening of Strings",
            Event.Category.CONCERT,
            14,
            600,
            [("Stalls", 4_200, 400), ("Circle", 2_800, 200)],
        ),
        (hall, "Stand-up Sunday", Event.Category.COMEDY, 28, 600, [("Entry", 1_800, 600)]),
    ]
    for venue, name, category, days, capacity, types in shows:
        if Event.objects.filter(venue=venue, name=name, ends_at__gt=now).exists():
            continue
        starts = (now.astimezone(venue.zone) + timedelta(days=days)).replace(hour=19, minute=30)
        _event(
            venue,
            manager,
            now,
            made,
            name=name,
            category=category,
            doors_at=starts - timedelta(hours=1),
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            capacity=capacity,
            configuration={"refund_policy": {"until_hours_before_start": 48, "keep_fees": True}},
            types=types,
        )


def _past(venue: Venue, manager: User, buyer: User, now: datetime, made: list[str]) -> None:
    """A show that is over: sold while it was to come, then completed."""
    if Event.objects.filter(venue=venue, name="Winter Warm-up").exists():
        return
    starts = now - timedelta(days=7)
    event = _event(
        venue,
        manager,
        starts - timedelta(days=30),
        made,
        name="Winter Warm-up",
        category=Event.Category.FAMILY,
        doors_at=starts - timedelta(hours=1),
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        capacity=1_000,
        types=[("General Admission", 2_500, 1_000)],
    )
    bought = starts - timedelta(days=2)
    order = _buy(event.ticket_types.get(), 3, buyer, bought)
    Order.objects.filter(pk=order.pk).update(created_at=bought)
    Payment.objects.filter(reference=order.number).update(created_at=bought)
    Ticket.objects.filter(order=order).update(created_at=bought)
    lifecycle.complete(event, by=manager, now=now)


def _event(venue: Venue, manager: User, now: datetime, made: list[str], *, types: list[tuple], **facts: Any) -> Event:
    """A published event with its ticket types, each `(name, price, quantity)` and perhaps its visibility."""
    event = Event.objects.create(venue=venue, **facts)
    for position, (name, price, quantity, *visibility) in enumerate(types):
        more = {"visibility": visibility[0]} if visibility else {}
        ticket_types.create(event, by=manager, name=name, price=price, quantity=quantity, position=position, **more)
    event.refresh_from_db()
    lifecycle.publish(event, by=manager, now=now)
    made.append(f"event {event.name} at {venue.name}")
    return event


def _sell_and_scan(event: Event, buyer: User, steward: User, now: datetime, made: list[str]) -> None:
    if Ticket.objects.filter(event=event).exists():
        return
    for ticket_type in event.ticket_types.filter(price__gt=0):
        _buy(ticket_type, 4, buyer, now)
    for ticket in Ticket.objects.filter(event=event).select_related("event")[:3]:
        checkin.scan(
            codes.sign(ticket), by=steward, nonce=str(uuid4()), gate="Main", event_id=event.pk, scanned_at=now, now=now
        )
    made.append(f"8 tickets sold and 3 scanned for {event.name}")


def _buy(ticket_type: TicketType, quantity: int, buyer: User, now: datetime) -> Order:
    lines = cart_lines([(TicketType.sellable_type, ticket_type.pk, quantity)])
    order = place_order(lines, user=buyer, contact=Contact(), now=now)
    # Whatever the settings say: demonstration data is nothing to tell a real provider of.
    charges.start(order, payer=buyer, payment_method="pm_card_visa", now=now, provider=SandboxGateway.name)
    return order
