"""A new operator sets up a venue from nothing, sells, works the night and closes it, in the browser alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import password_reset
from accounts.models import Role as AccountRole
from accounts.models import User
from events.models import Event
from orders.models import Outlet, ProductVariant
from parking.models import ParkingLot
from ticketing.models import Ticket, TicketType
from trufan.testing import PASSWORD, Caller, StaffFactory, UserFactory
from trufan.tests.at_a_desk import Desk, at_a_desk
from venues.models import Venue, VenueStaff

#: Two euros for each hour begun, ten a day at most.
TARIFF = """{"version": 1, "base": {"type": "interval", "first": {"minutes": 60, "price": 200},
 "every": {"minutes": 60, "price": 200}}, "grace_minutes": 10, "daily_maximum": 1000, "day": "calendar"}"""
Role = VenueStaff.Role
MANAGER, CHOSEN = "ines@river.example", "Quiet-Harbour-42"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(live_server, tmp_path_factory):
    with at_a_desk(live_server.url, tmp_path_factory.mktemp("from_nothing")) as desk:
        yield desk


def sign_in(desk: Desk, email: str, password: str) -> None:
    desk.open("admin:login")
    desk.fill(username=email, password=password)
    desk.follow("Sign in")


def open_a_venue(desk: Desk) -> Venue:
    desk.open("admin:venues_venue_add")
    desk.fill(
        name="River Stage", street="1 Quay", city="Lisbon", postal_code="1100-001", country="PT", latitude="38.7",
        longitude="-9.13", contact_email="hello@river.example", time_zone="Europe/Lisbon", currency="EUR",
    )  # fmt: skip
    desk.save()
    venue = Venue.objects.get(name="River Stage")
    desk.open("admin:venues_taxrate_add")
    desk.fill(venue="River Stage", name="IVA", category="Ticket", rate_ppm="6", is_inclusive=True)
    desk.save()
    return venue


def plan_an_event(desk: Desk) -> Event:
    starts = timezone.now() + timedelta(hours=3)
    desk.open("admin:events_event_add")
    desk.fill(
        venue="River Stage", name="First Night", category="Concert", capacity="100",
        starts_at_0=f"{starts:%Y-%m-%d}", starts_at_1=f"{starts:%H:%M}",
        ends_at_0=f"{starts + timedelta(hours=3):%Y-%m-%d}", ends_at_1=f"{starts + timedelta(hours=3):%H:%M}",
        doors_at_0=f"{starts - timedelta(hours=4):%Y-%m-%d}", doors_at_1=f"{starts - timedelta(hours=4):%H:%M}",
    )  # fmt: skip
    desk.save()
    event = Event.objects.get(name="First Night")
    desk.open("admin:events_event_change", event.pk)
    desk.follow("Add a ticket type")
    desk.fill(name="Standing", price="25.00", quantity="100")
    desk.save()
    desk.open("admin:events_event_change", event.pk)
    desk.press("Publish")
    desk.sees("is published")
    return event


def open_an_outlet(desk: Desk) -> Outlet:
    desk.open("admin:orders_outlet_add")
    desk.fill(venue="River Stage", name="Quay Bar", kind="Bar")
    desk.save()
    outlet = Outlet.objects.get(name="Quay Bar")
    desk.open("admin:orders_product_add")
    desk.choose("outlet", outlet)
    desk.fill(name="Bifana", **{"variants-0-name": "Large", "variants-0-price": "6.50", "variants-0-quantity": "50"})
    desk.save()
    return outlet


def open_a_lot(desk: Desk) -> ParkingLot:
    desk.open("admin:parking_parkinglot_add")
    desk.fill(venue="River Stage", name="Quay Garage", tariff=TARIFF)
    desk.touch("Rules")
    desk.fill(overstay_percent="150")
    desk.touch("Where")
    desk.fill(latitude="38.7", longitude="-9.13")
    desk.touch("Add another Kind of space")
    desk.fill(**{"capacities-0-kind": "Standard", "capacities-0-spaces": "20"})
    desk.save()
    lot = ParkingLot.objects.get(name="Quay Garage")
    desk.open("admin:parking_parkinglot_change", lot.pk)
    desk.press("Open")
    desk.sees("is open")
    return lot


def as_(desk: Desk, venue: Venue, role: VenueStaff.Role) -> None:
    """The next person takes the desk: each job of the night is done by who was hired for it."""
    person = StaffFactory(venue=venue, role=role, user__email=f"{role}@river.example").user
    desk.driver.delete_all_cookies()
    sign_in(desk, person.email, PASSWORD)
    desk.sees("Tonight")


def sell_at_the_door(desk: Desk, event: Event) -> Ticket:
    as_(desk, event.venue, Role.BOX_OFFICE)
    desk.open("admin:ticketing_doorsale_sell_event", event.pk)
    kind = TicketType.objects.get(event=event)
    desk.fill(**{f"quantity_{kind.pk}": "2"})
    desk.fill(tendered="60.00", name="Ana Costa")
    desk.picture("till")
    desk.follow("Sell")
    desk.sees("Give back")
    desk.picture("sold")
    assert desk.file("Print tickets")[0] == "application/pdf"
    return Ticket.objects.filter(event=event).earliest("ordinal")


def let_in(desk: Desk, event: Event, ticket: Ticket) -> None:
    as_(desk, event.venue, Role.DOOR)
    desk.open("admin:ticketing_ticket_door_event", event.pk)
    desk.fill(q=ticket.number)
    desk.follow("Find")
    desk.follow(ticket.number)
    desk.follow("Let in")
    desk.sees("Let in.")
    desk.open("admin:ticketing_ticket_door_event", event.pk)
    desk.sees("1 arrived of 2")
    desk.picture("door")


def a_fan_orders(outlet: Outlet) -> None:
    """What the operator does not do: a guest orders from a seat."""
    variant = ProductVariant.objects.get(product__outlet=outlet)
    guest = Caller()
    items = [{"type": "product", "id": str(variant.pk), "quantity": 1}]
    placed = guest.post(
        "/api/v1/orders",
        {"items": items, "contact": {"email": "fan@example.com", "phone": "+351912345678", "name": "Rui"}},
    )
    assert placed.status_code == 201, placed.content
    order = placed.json()
    paid = guest.post(
        f"/api/v1/orders/{order['id']}/pay",
        {"payment_method": "pm_card_visa"},
        headers={"X-Order-Access-Code": order["access_code"]},
    )
    assert paid.json()["status"] == "succeeded", paid.content


def cook(desk: Desk, outlet: Outlet) -> None:
    a_fan_orders(outlet)
    as_(desk, outlet.venue, Role.KITCHEN)
    desk.open("admin:orders_fulfilment_kitchen_board", outlet.pk)
    desk.sees("Bifana")
    for step in ("Accept", "Start", "Ready", "Hand over"):
        desk.touch(step)
    desk.sees("Nothing to make")
    desk.picture("kitchen")


def park(desk: Desk, lot: ParkingLot) -> None:
    as_(desk, lot.venue, Role.PARKING)
    desk.open("admin:parking_parkinglot_board_lot", lot.pk)
    desk.follow("Let in")
    desk.fill(plate="22-AB-33")
    desk.follow("Let it in")
    desk.sees("22-AB-33")
    desk.picture("lot")


def close(desk: Desk, event: Event) -> None:
    with time_machine.travel(event.ends_at + timedelta(hours=1), tick=True):
        sign_in(
            desk, "owner@river.example", PASSWORD
        )  # who moves money and does nothing for half an hour is signed out
        desk.open("admin:events_event_change", event.pk)
        desk.press("Complete")
        desk.sees("is completed")
        desk.open("admin:reports_reportschedule_report", "sales")
        desk.fill(group_by="Kind")
        desk.follow("Show")
        desk.sees("€50.00")
        desk.picture("report")


def invite_a_manager(desk: Desk, venue: Venue) -> None:
    """Whoever runs the venue from here on is invited, and chooses a password by the link of the mail."""
    desk.open("admin:venues_venuestaff_add")
    desk.fill(venue="River Stage", email=MANAGER, role="Manager")
    desk.save()
    link = password_reset.link_for(User.objects.get(email=MANAGER))
    desk.driver.delete_all_cookies()
    desk.go(desk.url + link.partition("8000")[2])
    desk.fill(password=CHOSEN, again=CHOSEN)
    desk.follow("Set the password")
    sign_in(desk, MANAGER, CHOSEN)
    desk.sees("Tonight")


def test_a_venue_from_nothing_to_the_end_of_its_first_night(desk):
    UserFactory(email="owner@river.example", role=AccountRole.SUPER_ADMIN)
    sign_in(desk, "owner@river.example", PASSWORD)
    desk.sees("There is no venue yet")
    invite_a_manager(desk, open_a_venue(desk))
    event, outlet, lot = plan_an_event(desk), open_an_outlet(desk), open_a_lot(desk)
    let_in(desk, event, sell_at_the_door(desk, event))
    cook(desk, outlet)
    park(desk, lot)
    desk.driver.delete_all_cookies()
    sign_in(desk, MANAGER, CHOSEN)
    desk.sees("Tonight")
    desk.picture("tonight")
    close(desk, event)
