"""The demonstration's parking: a lot of the arena's with a valet, one that somebody else runs, and cars in both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from events.models import Event
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from parking.booking import quoting
from parking.lots import capacities, numbered, setting_up
from parking.models import ParkingLot, ParkingSession
from parking.stays import entering
from parking.stays.entering import Arrival
from parking.valet import moves
from payments import charges
from payments.gateways.sandbox import SandboxGateway
from payments.models import ConnectedAccount
from venues.models import TaxRate, Venue

HOURLY: dict[str, Any] = {
    "version": 1,
    "base": {"type": "interval", "first": {"minutes": 60, "price": 800}, "every": {"minutes": 30, "price": 300}},
    "grace_minutes": 10,
    "daily_maximum": 4_500,
    "day": "rolling",
    "overnight": {"from": "22:00", "until": "07:00", "price": 1_500},
    "event": {"price": 3_500, "minutes_before_doors": 120, "minutes_after_end": 90},
}
TIERED: dict[str, Any] = {
    "version": 1,
    "base": {
        "type": "tiers",
        "tiers": [{"up_to_minutes": 60, "price": 600}, {"up_to_minutes": 180, "price": 1_400}],
        "then": {"minutes": 60, "price": 400},
    },
    "daily_maximum": 3_600,
    "day": "calendar",
}
BY_DEMAND: dict[str, Any] = {
    "version": 1,
    "floor_percent": 80,
    "cap_percent": 160,
    "step_percent": 10,
    "max_change_per_hour_percent": 20,
    "review_minutes": 15,
    "occupancy": [
        {"from_percent": 80, "move": "up"},
        {"from_percent": 60, "move": "hold"},
        {"from_percent": 0, "move": "down"},
    ],
    "event": [{"within_hours": 3, "at_least_percent": 110}],
}
PLATES = ["JKL 4410", "HRT 2277", "GBX 9031", "TYE 5512", "MNP 7764", "LUV 1189"]


def seed_parking(venue: Venue, manager: User, fan: User, tonight: Event, now: datetime, made: list[str]) -> None:
    """Open the lots and let some cars in, unless there are any."""
    if ParkingLot.objects.filter(venue=venue).exists():
        return
    TaxRate.objects.get_or_create(
        venue=venue, category=TaxRate.Category.PARKING, name="Parking tax", defaults={"rate_ppm": 103_750}
    )
    north = _north(venue, manager, now)
    _pier(venue, manager, now)
    _cars(north, manager, now)
    _reservation(north, fan, tonight, now)
    made.append(f"two parking lots of {venue.name}, with cars in them")


def _north(venue: Venue, manager: User, now: datetime) -> ParkingLot:
    lot = setting_up.create(
        venue,
        manager,
        name="North Garage",
        slug="north-garage",
        description="Under the arena: two levels, lifts to the concourse.",
        street="5 Pennsylvania Plaza",
        city="New York",
        latitude=40.7514,
        longitude=-73.9939,
        height_limit_cm=210,
        amenities=["covered", "lit", "lift", "ev_charging", "attended"],
        tariff=HOURLY,
        pricing=BY_DEMAND,
        no_show_minutes=90,
        cancel_free_minutes=120,
        cancel_fee=500,
        overstay_percent=150,
        lost_ticket_price=4_500,
        allows_reentry=True,
    )
    for kind, spaces in (("standard", 24), ("accessible", 4), ("ev", 4), ("valet", 10)):
        capacities.put(lot, kind, manager, now, spaces=spaces)
    numbered.add_many(lot, manager, numbered.series("A", 1, 24, width=2), level="Level 1")
    return setting_up.open_lot(lot, manager)


def _pier(venue: Venue, manager: User, now: datetime) -> ParkingLot:
    """Without a barrier, run by somebody else, who gets the money."""
    account = ConnectedAccount.objects.create(
        venue_id=venue.pk,
        provider=SandboxGateway.name,
        name="Pier Parking",
        country=venue.country,
        default_currency=venue.currency,
    )
    lot = setting_up.create(
        venue,
        manager,
        name="Pier Lot",
        slug="pier-lot",
        description="Open air, ten minutes on foot. Pay by the sign.",
        operator_name="Pier Parking",
        connected_account=account,
        street="W 30th St",
        city="New York",
        latitude=40.7533,
        longitude=-74.0021,
        amenities=["lit", "bicycles"],
        tariff=TIERED,
        has_barrier=False,
        overstay_percent=200,
    )
    capacities.put(lot, "standard", manager, now, spaces=60)
    capacities.put(lot, "oversize", manager, now, spaces=6)
    return setting_up.open_lot(lot, manager)


def _cars(lot: ParkingLot, manager: User, now: datetime) -> None:
    """Some that came over the last hours, and two with the valet."""
    standard = lot.capacities.get(kind="standard")
    for n, plate in enumerate(PLATES):
        came = now - timedelta(minutes=12 + 31 * n)
        arrival = Arrival(came, ParkingSession.Origin.GATE, plate=plate)
        with transaction.atomic():
            entering.drive_up(standard, arrival, now, by=manager)
    for plate, vehicle in (("VAL 0007", "Blue Volvo V60"), ("EZP 3141", "Red Mini")):
        ticket = moves.drop_off(lot, moves.Dropped(plate=plate, vehicle=vehicle), by=manager, now=now)
        moves.park(ticket, place=f"P2 row {'AB'[ticket.number % 2]}", key_tag=str(ticket.number), by=manager, now=now)
    moves.request(ticket, channel="desk", by=manager, now=now)


def _reservation(lot: ParkingLot, fan: User, tonight: Event, now: datetime) -> None:
    """Fay's space for tonight."""
    wanted = quoting.Wanted(
        lot.pk, "standard", now + timedelta(minutes=20), tonight.ends_at + timedelta(hours=1), "FAY 1N"
    )
    offer, _ = quoting.quote(wanted, user=fan, now=now)
    lines = cart_lines([(offer.sellable_type, offer.pk, 1)])
    order = place_order(lines, user=fan, contact=Contact(), now=now)
    charges.start(order, payer=fan, payment_method="pm_card_visa", now=now, provider=SandboxGateway.name)
