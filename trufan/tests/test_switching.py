"""Who runs several venues sees one of them alone, and never one that is not theirs."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from audit.trail import record
from events.models import Event
from orders.models import Outlet
from trufan.testing import CapacityFactory, EventFactory, LotFactory, OutletFactory, StaffFactory
from trufan.tests.console_client import as_, url
from venues.models import Venue, VenueStaff

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(venue, other_venue):
    """Somebody who manages both venues."""
    person = StaffFactory(venue=venue).user
    VenueStaff.objects.create(user=person, venue=other_venue, role=VenueStaff.Role.MANAGER)
    return person


@pytest.fixture
def events(venue, other_venue):
    return EventFactory(venue=venue, name="Here"), EventFactory(venue=other_venue, name="There")


def switch(client, venue) -> str:
    answer = client.post(reverse("console_switch"), {"venue": venue.pk if venue else ""}, follow=True)
    return answer.content.decode()


def listed(client, model) -> set[str]:
    return {str(row) for row in client.get(url(model, "changelist")).context["cl"].result_list}


@pytest.mark.parametrize("who", ["both", "ada"])
def test_lists_hold_the_chosen_venue_alone_until_all_are_chosen_again(who, request, venue, other_venue, events):
    client = as_(request.getfixturevalue(who))
    assert listed(client, Event) == {"Here", "There"}
    assert "You see Garden Arena alone" in switch(client, venue)
    assert listed(client, Event) == {"Here"}
    switch(client, other_venue)
    assert listed(client, Event) == {"There"}
    assert "all of your venues" in switch(client, None)
    assert listed(client, Event) == {"Here", "There"}


@pytest.mark.parametrize("who", ["both", "ada"])
def test_every_list_opens_while_one_venue_is_chosen(who, request, venue, events):
    client = as_(request.getfixturevalue(who))
    switch(client, venue)
    for page in admin.site._registry.values():
        answer = client.get(url(page.model, "changelist"))
        assert answer.status_code in (200, 403), page
        if answer.status_code == 200 and page.venue_lookup:
            rows = answer.context["cl"].result_list
            assert {page.venue_id_of(row) for row in rows} <= {venue.pk, None}, page


def test_screens_and_choices_are_those_of_the_chosen_venue(both, venue, other_venue, events):
    here, there = OutletFactory(venue=venue, name="Near Bar"), OutletFactory(venue=other_venue, name="Far Bar")
    client = as_(both)
    switch(client, venue)
    kitchens = client.get(reverse("admin:orders_fulfilment_kitchen"), follow=True).content.decode()
    assert here.name in kitchens
    assert there.name not in kitchens
    choices = client.get(url(Outlet, "add")).context["adminform"].form.fields["venue"].queryset
    assert set(choices) == {venue}


def test_a_row_of_another_of_ones_venues_says_so(both, venue, events):
    client = as_(both)
    switch(client, venue)
    answer = client.get(url(Event, "change", events[1].pk), follow=True)
    assert "another of your venues" in answer.content.decode()


def test_a_row_of_a_venue_that_is_not_ones_own_is_as_if_it_were_not_there(both, venue):
    strange = EventFactory(name="Strange")
    client = as_(both)
    switch(client, venue)
    words = client.get(url(Event, "change", strange.pk), follow=True).content.decode()
    assert "another of your venues" not in words
    assert client.get(url(Event, "change", "garbage"), follow=True).status_code == 200


def test_nobody_can_choose_a_venue_that_is_not_theirs(stan, venue, events):
    client = as_(stan)
    assert "None of your venues" in switch(client, venue)
    session = client.session
    session["console_venue"] = str(venue.pk)  # and if they could, it would open nothing
    session.save()
    assert listed(client, Event) == {"There"}


def test_who_works_at_one_venue_has_nothing_to_switch(olga, ada, venue, other_venue):
    page = as_(olga).get(reverse("admin:index")).content.decode()
    assert 'name="venue"' not in page
    assert 'id="console-find"' in page
    assert 'name="venue"' in as_(ada).get(reverse("admin:index")).content.decode()


def test_of_many_venues_one_is_named(ada):
    Venue.objects.bulk_create(
        Venue(name=f"Hall {number:03}", slug=f"hall-{number}", time_zone="UTC", currency="EUR", latitude=1, longitude=1)
        for number in range(70)
    )
    client = as_(ada)
    assert (
        "<option"
        not in client.get(reverse("admin:index")).content.decode().split("console-switch")[1].split("</form>")[0]
    )
    answer = client.post(reverse("console_switch"), {"venue": "Hall 007"}, follow=True)
    assert "You see Hall 007 alone" in answer.content.decode()


def test_it_leads_nowhere_else(ada, venue):
    answer = as_(ada).post(reverse("console_switch"), {"venue": venue.pk, "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("admin:index")


def test_a_venue_that_was_taken_away_is_chosen_no_longer(both, venue, other_venue, events):
    client = as_(both)
    switch(client, venue)
    VenueStaff.objects.filter(user=both, venue=venue).update(is_active=False)
    assert listed(client, Event) == {"There"}
    assert client.get(reverse("admin:index")).context["watch"] == f"venue:{other_venue.pk}"


def test_a_super_admins_choices_are_those_of_the_chosen_venue(ada, venue, other_venue, events):
    client = as_(ada)
    switch(client, venue)
    choices = client.get(url(Outlet, "add")).context["adminform"].form.fields["venue"].queryset
    assert set(choices) == {venue}


@pytest.fixture
def two_houses(venue, other_venue, events):
    """At both venues an outlet and a lot with a valet, named by where they are."""
    for house, name in ((venue, "Near"), (other_venue, "Far")):
        house.name = f"{name} House"
        house.save()
        OutletFactory(venue=house, name=f"{name} Bar")
        lot = LotFactory(venue=house, name=f"{name} Lot")
        CapacityFactory(lot=lot, kind="valet", spaces=5)
        EventFactory(venue=house, name=f"{name} Night")
        EventFactory(venue=house, name=f"{name} Matinee")


SCREENS = [
    "admin:ticketing_doorsale_sell", "admin:ticketing_ticket_door", "admin:orders_fulfilment_kitchen",
    "admin:parking_parkinglot_board", "admin:parking_valetticket_board", "admin:reports_reportschedule_reports",
    "admin:index",
]  # fmt: skip


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("who", ["both", "ada"])
def test_every_screen_is_that_of_the_chosen_venue(who, name, request, venue, other_venue, two_houses):
    client = as_(request.getfixturevalue(who))
    assert said_by(client, name) == {"Near", "Far"}
    switch(client, venue)
    assert said_by(client, name) == {"Near"}
    switch(client, other_venue)
    assert said_by(client, name) == {"Far"}


def said_by(client, name) -> set[str]:
    page = client.get(reverse(name), follow=True).content.decode()
    # The switch itself names all of them.
    before, _, rest = page.partition("console-switch")
    shown = before + rest.partition("</form>")[2]
    return {word for word in ("Near", "Far") if re.search(rf"{word} (House|Bar|Lot|Night|Matinee)", shown)}


def test_the_audit_trail_of_a_super_admin_begins_with_the_chosen_venue(ada, olga, venue, other_venue):
    for house in (venue, other_venue):
        record("venue.changed", house, new={"name": house.name}, actor=olga)
    client = as_(ada)
    address = reverse("admin:audit_auditlog_changelist")
    assert {entry.venue_id for entry in client.get(address).context["cl"].entries} == {venue.pk, other_venue.pk}
    switch(client, venue)
    assert {entry.venue_id for entry in client.get(address).context["cl"].entries} == {venue.pk}


def test_outside_of_the_console_a_super_admin_is_not_narrowed(ada, venue, other_venue, events):
    client = as_(ada)
    switch(client, venue)
    told = client.get("/api/v1/events").json()["results"]
    assert {each["name"] for each in told} == {"Here", "There"}
