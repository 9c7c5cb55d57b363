"""Managers run their venue's devices in the console; a key is shown on one page, once."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages

from trufan.testing import EventFactory
from trufan.tests.console_client import as_, buttons_on, press, url
from trufan.tests.security.machines import made, speaking
from venues.models import VenueDevice

pytestmark = pytest.mark.django_db
KEY = re.compile(r"tfd_[0-9a-f]{12}\.[\w-]{43}")


def opens(key: str) -> bool:
    return speaking(key).post("/api/v1/checkin/scans", {}).status_code == 422


def test_a_device_is_made_and_its_key_shown_once(venue, olga):
    event = EventFactory(venue=venue)
    typed = {"venue": str(venue.pk), "name": "Door 1", "scopes": ["scan"], "place_id": str(event.pk)}
    console = as_(olga)
    assert "Door 1" not in console.get(url(VenueDevice, "add")).content.decode()
    answer = console.post(url(VenueDevice, "add"), {**typed, "expires_at_0": "", "expires_at_1": ""})
    assert answer.status_code == 302, answer.context["errors"]
    key = KEY.search(" ".join(str(each) for each in get_messages(answer.wsgi_request)))
    assert key is not None
    assert opens(key[0])
    device = VenueDevice.objects.get()
    assert (device.created_by, device.place_id) == (olga, event.pk)
    shown = as_(olga).get(url(VenueDevice, "change", device.pk)).content.decode()
    assert not KEY.search(shown)
    assert str(event) in shown


def test_it_is_rotated_and_revoked_by_buttons(venue, olga):
    device, old = made(venue, olga, "scan")
    assert buttons_on(olga, device) == {"rotate", "revoke"}
    new = KEY.search(press(olga, device, "rotate", keep_minutes=0))
    assert new is not None
    assert (opens(old), opens(new[0])) == (False, True)
    press(olga, device, "revoke")
    assert not opens(new[0])
    assert buttons_on(olga, device) == set()


def test_what_the_rule_refuses_comes_back_on_the_form(venue, olga):
    typed = {"venue": str(venue.pk), "name": "A", "scopes": ["scan", "gate"], "expires_at_0": "", "expires_at_1": ""}
    answer = as_(olga).post(url(VenueDevice, "add"), {**typed, "place_id": str(EventFactory(venue=venue).pk)})
    assert answer.status_code == 200
    assert "place_id" in answer.context["adminform"].form.errors
    assert not VenueDevice.objects.exists()


def test_the_choice_of_places_holds_nothing_of_another_venue(venue, other_venue, olga):
    EventFactory(venue=other_venue, name="Zanzibar")
    EventFactory(venue=venue, name="Opening")
    page = as_(olga).get(url(VenueDevice, "add")).content.decode()
    assert "Opening" in page
    assert "Zanzibar" not in page


def test_stewards_and_strangers_see_none(venue, olga, gus, stan):
    device, _key = made(venue, olga, "scan")
    assert as_(gus).get(url(VenueDevice, "changelist")).status_code == 403
    assert device not in as_(stan).get(url(VenueDevice, "changelist")).context["cl"].result_list
