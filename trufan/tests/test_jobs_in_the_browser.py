"""Each role's work in a real browser: signing in, the first page, and the job to its end.

What a venue's first night walks (`test_from_nothing.py`: setting up, selling, letting in) is not walked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from accounts.models import User
from accounts.second_factor import policy
from accounts.second_factor.tests.phone import with_phone
from orders.kitchen.tests.kitchens import ordered
from orders.tests.refunds import buy
from parking.models import ParkingSession
from ticketing.models import Scan, Ticket
from trufan.testing import PASSWORD, CapacityFactory, LotFactory, OutletFactory, ProductVariantFactory, StaffFactory
from trufan.tests.at_a_desk import Desk, at_a_desk
from trufan.tests.by_touch import settled, wait
from venues.models import Venue, VenueStaff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Role = VenueStaff.Role
#: What the first page offers as large buttons.
JOBS = {
    Role.MANAGER: ["Sell at the door", "Door", "Kitchen", "Parking", "Valet", "Reports", "Orders"],
    Role.BOX_OFFICE: ["Sell at the door", "Door", "Orders"],
    Role.DOOR: ["Door", "Orders"],
    Role.KITCHEN: ["Kitchen"],
    Role.PARKING: ["Parking", "Valet"],
    Role.ACCOUNTANT: ["Reports", "Orders"],
}
#: Who moves money shows a second factor.
WITH_FACTOR = {Role.MANAGER, Role.BOX_OFFICE}


@dataclass
class Shift:
    """Somebody at a desk, who signed in and sees the first page."""

    desk: Desk
    user: User
    keep: Callable[[str], None]


@pytest.fixture
def begin(live_server, tmp_path_factory, venue: Venue, looks, settings):
    """Sign in as somebody of that role, by password and, where it is asked for, by a code."""
    settings.SECOND_FACTOR_REQUIRED = True
    with at_a_desk(live_server.url, tmp_path_factory.mktemp("jobs")) as desk:

        def begun(role: str) -> Shift:
            user = StaffFactory(venue=venue, role=role, user__first_name="Robin", user__last_name="Reyes").user
            assert policy.is_required_of(user) == (role in WITH_FACTOR)
            phone = with_phone(user)[0] if role in WITH_FACTOR else None
            desk.open("admin:login")
            desk.fill(username=user.email, password=PASSWORD)
            desk.follow("Sign in")
            if phone:
                desk.fill(code=phone.code())
                desk.follow("Sign in")
            offered = [each.text for each in desk.driver.find_elements(By.CSS_SELECTOR, ".console-jobs a")]
            assert [each.split("\n")[-1] for each in offered] == JOBS[Role(role)]
            shift = Shift(desk, user, lambda name: looks(desk.driver, f"{role}-{name}"))
            shift.keep("first-page")
            return shift

        yield begun


def test_the_manager_reads_what_each_recipient_is_owed(begin, fay, ticket_type):
    buy(fay, (ticket_type, 2))
    shift = begin(Role.MANAGER)
    desk = shift.desk
    desk.follow("Recipients")
    desk.follow("Garden Arena")
    shift.keep("recipient")
    desk.follow("Choose the days")
    desk.sees("$100.00")
    shift.keep("statement")
    kind, text = desk.file("Download for a spreadsheet")
    assert kind.startswith("text/csv")
    assert "100.00" in text


def test_the_clerk_refunds_two_of_three(begin, fay, ticket_type):
    bought = buy(fay, (ticket_type, 3))
    shift = begin(Role.BOX_OFFICE)
    desk = shift.desk
    desk.fill(q=bought.number + Keys.ENTER)
    desk.sees("Refund lines")
    shift.keep("order")
    desk.follow("Refund lines")
    for _ in range(2):
        desk.touch("+")
    desk.sees("$100.00")
    desk.fill(reason="Did not come")
    desk.picture("refund")
    desk.confirm("Refund lines")
    desk.sees("Did not come")
    shift.keep("refunded")
    assert bought.refunds.get().amount == 100_00


def test_the_steward_scans_and_takes_it_back(begin, fay, event, ticket_type):
    buy(fay, (ticket_type, 2))
    ticket = Ticket.objects.earliest("ordinal")
    shift = begin(Role.DOOR)
    desk = shift.desk
    desk.follow("Door")
    desk.follow_to("ticketing/ticket/door/" + str(event.pk))
    shift.keep("door")
    desk.follow("Scan")
    wait(desk.driver, "#net.online")
    shift.keep("scanner")
    wait(desk.driver, "#net.online")
    desk.driver.find_element(By.ID, "text").send_keys(ticket.number + Keys.ENTER)
    wait(desk.driver, "#last li.accepted")
    desk.open("admin:ticketing_ticket_door_event", event.pk)
    desk.sees("1 arrived of 2")
    desk.fill(q=ticket.number + Keys.ENTER)
    desk.follow(ticket.number)
    desk.fill(reason="Wrong person")
    desk.follow("Take the last back")
    desk.sees("Taken back.")
    shift.keep("taken-back")
    ticket.refresh_from_db()
    assert (ticket.status, Scan.objects.count()) == ("valid", 2)


def test_the_cook_makes_an_order_and_takes_a_step_back(begin, fay, venue):
    burger = ProductVariantFactory(product__outlet=OutletFactory(venue=venue, name="Grill"), product__name="Burger")
    meal = ordered(fay, (burger, 2))
    shift = begin(Role.KITCHEN)
    desk = shift.desk
    desk.follow("Kitchen")
    shift.keep("board")
    tile = f'[data-tile="{meal.pk}"]'
    for step, column in (("Accept", "accepted"), ("Start", "preparing"), ("Ready", "ready")):
        desk.touch(step)
        wait(desk.driver, f".{column} {tile}")
    settled(desk.driver)
    desk.touch("Undo")
    wait(desk.driver, f".preparing {tile}")
    settled(desk.driver)
    desk.touch("Ready")
    wait(desk.driver, f".ready {tile}")
    shift.keep("ready")
    desk.follow("⋯")
    shift.keep("sheet")
    meal.refresh_from_db()
    assert meal.status == "ready"


def test_the_attendant_lets_a_car_in_and_out(begin, venue):
    lot = LotFactory(venue=venue, name="North Garage")
    CapacityFactory(lot=lot)
    shift = begin(Role.PARKING)
    desk = shift.desk
    desk.follow("Parking")
    shift.keep("lots")
    desk.follow("Cars and gate")
    desk.follow("Let in")
    desk.fill(plate="22-AB-33")
    desk.follow("Let it in")
    wait(desk.driver, "#part .inside tbody tr")
    shift.keep("inside")
    desk.follow("22-AB-33")
    desk.sees("To pay now")
    shift.keep("car")
    desk.follow("Back to North Garage")
    desk.follow("Let out")
    desk.fill(plate="22-AB-33")
    desk.follow("Let it out")
    desk.sees("The gate stays shut.")
    shift.keep("owes")
    desk.follow("Open all the same")
    desk.sees("Nobody is inside.")
    assert ParkingSession.objects.get().status == "ended"


def test_the_accountant_takes_the_months_figures_home(begin, fay, ticket_type):
    buy(fay, (ticket_type, 2))
    shift = begin(Role.ACCOUNTANT)
    desk = shift.desk
    desk.follow("Reports")
    shift.keep("reports")
    desk.open("admin:reports_reportschedule_report", "sales")
    desk.fill(period="This month", group_by="Kind")
    desk.follow("Show")
    desk.sees("$100.00")
    shift.keep("sales")
    kind, text = desk.file("CSV")
    assert kind.startswith("text/csv")
    assert "100.00" in text
    assert "spreadsheetml" in desk.file("Excel")[0]
    desk.follow("Payments")
    desk.sees("Export this list as CSV")
    shift.keep("payments")
    assert "100.00" in desk.file("Export this list as CSV")[1]
