"""Venues opened and changed, by those who may."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditLog
from trufan.testing import EventFactory, VenueFactory
from venues.models import Venue, VenueStaff

pytestmark = pytest.mark.django_db
URL = "/api/v1/venues"
NEW = {"name": "Pier Nine", "city": "New York", "country": "us", "time_zone": "America/New_York", "currency": "USD"}


def test_a_venue_admin_opens_a_venue_and_manages_it(api, olga):
    answer = api.as_(olga).post(URL, NEW)
    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["slug"], shown["country"], shown["is_active"]) == ("pier-nine", "US", True)
    place = VenueStaff.objects.get(venue_id=shown["id"])
    assert (place.user, place.role) == (olga, "manager")
    assert api.as_(olga).patch(f"{URL}/{shown['id']}", {"name": "Pier 9"}).status_code == 200
    entry = AuditLog.objects.get(action="venue.opened")
    assert (entry.actor, str(entry.venue_id)) == (olga, shown["id"])


def test_nobody_else_opens_a_venue(api, fay, gus):
    assert [api.as_(user).post(URL, NEW).status_code for user in (None, fay, gus)] == [401, 403, 403]
    assert api.as_(fay).post(URL, {}).json()["error"]["code"] == "may_not_open_venue"
    assert not Venue.objects.filter(name="Pier Nine").exists()


def test_a_super_admin_opens_a_venue(api, ada):
    assert api.as_(ada).post(URL, NEW).status_code == 201


def test_a_repeated_opening_under_one_key_opens_one_venue(api, olga):
    first = api.as_(olga).post(URL, NEW, headers={"Idempotency-Key": "pier"})
    again = api.as_(olga).post(URL, NEW, headers={"Idempotency-Key": "pier"})
    assert first.json() == again.json()
    assert Venue.objects.filter(name="Pier Nine").count() == 1


def test_slugs_are_made_from_names_and_kept_apart(api, olga):
    slugs = [
        api.as_(olga).post(URL, {**NEW, "name": name}).json()["slug"] for name in ("Pier Nine", "Pier Nine", "東京")
    ]
    assert slugs[0] == "pier-nine"
    assert slugs[1].startswith("pier-nine-")
    assert slugs[2].startswith("venue-")
    refused = api.as_(olga).post(URL, {**NEW, "slug": "Pier-Nine"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "slug_taken")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"latitude": 40.0}, "longitude"),
        ({"longitude": 40.0}, "latitude"),
        ({"latitude": 90.1, "longitude": 0}, "latitude"),
        ({"latitude": "NaN", "longitude": 0}, "latitude"),
        ({"latitude": True, "longitude": 0}, "latitude"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"currency": "BTC"}, "currency"),
        ({"country": "XX"}, "country"),
        ({"country": "USA"}, "country"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_phone": "12"}, "contact_phone"),
        ({"configuration": []}, "configuration"),
        ({"configuration": {"a": "x" * 20_000}}, "configuration"),
        ({"ticket_fee_fixed": -1}, "ticket_fee_fixed"),
        ({"ticket_fee_fixed": 10**15}, "ticket_fee_fixed"),
        ({"ticket_fee_ppm": 1_000_001}, "ticket_fee_ppm"),
        ({"slug": "not a slug"}, "slug"),
    ],
)
def test_nonsense_is_refused_by_field(api, olga, venue, wrong, field):
    for answer in (api.as_(olga).post(URL, {**NEW, **wrong}), _cleared(api, olga, venue, wrong)):
        assert answer.status_code == 422, answer.json()
        assert field in [detail["field"] for detail in answer.json()["error"]["details"]]


def _cleared(api, olga, venue, wrong):
    """The same by PATCH, on a venue without coordinates."""
    Venue.objects.filter(pk=venue.pk).update(latitude=None, longitude=None)
    return api.as_(olga).patch(f"{URL}/{venue.pk}", wrong)


def test_a_text_that_only_looks_like_an_escaped_nul_is_kept(api, olga, venue):
    said = {"path": "C:\\u0000"}
    answer = api.as_(olga).patch(f"{URL}/{venue.pk}", {"configuration": said})
    assert (answer.status_code, answer.json()["configuration"]) == (200, said)


def test_coordinates_go_together_in_the_database_too(venue):
    with pytest.raises(IntegrityError), transaction.atomic():
        Venue.objects.filter(pk=venue.pk).update(longitude=None)


def test_a_manager_changes_fees_and_the_history_says_what_was(api, olga, venue):
    answer = api.as_(olga).patch(f"{URL}/{venue.pk}", {"ticket_fee_fixed": 150, "ticket_fee_ppm": 25_000})
    assert (answer.status_code, answer.json()["ticket_fee_fixed"]) == (200, 150)
    entry = AuditLog.objects.get(action="venue.changed")
    assert entry.old_values == {"ticket_fee_fixed": 0, "ticket_fee_ppm": 0}
    assert entry.new_values == {"ticket_fee_fixed": 150, "ticket_fee_ppm": 25_000}


def test_the_history_of_a_venue_holds_no_address_of_a_person(api, olga, venue):
    api.as_(olga).patch(f"{URL}/{venue.pk}", {"contact_email": "new@example.com", "contact_phone": "+12125550123"})
    entry = AuditLog.objects.get(action="venue.changed")
    assert set(entry.new_values) == {"contact_email", "contact_phone"}
    assert "new@example.com" not in str(entry.new_values) and "2125550123" not in str(entry.new_values)


def test_a_change_that_changes_nothing_leaves_no_trace(api, olga, venue):
    assert api.as_(olga).patch(f"{URL}/{venue.pk}", {"name": venue.name}).status_code == 200
    assert not AuditLog.objects.filter(action="venue.changed").exists()


def test_only_who_holds_the_right_changes_a_venue(api, venue, fay, gus, stan):
    url = f"{URL}/{venue.pk}"
    statuses = [api.as_(user).patch(url, {"name": "Mine now"}).status_code for user in (None, fay, gus, stan)]
    assert statuses == [401, 403, 403, 403]
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert [api.as_(user).patch(url, {"name": "X"}).status_code for user in (fay, gus, stan)] == [404, 403, 404]
    venue.refresh_from_db()
    assert venue.name == "Garden Arena"


def test_staff_close_and_reopen_their_venue(api, venue, olga):
    url = f"{URL}/{venue.pk}"
    assert api.as_(olga).patch(url, {"is_active": False}).json()["is_active"] is False
    assert api.get(url).status_code == 404
    assert api.as_(olga).patch(url, {"is_active": True}).status_code == 200
    assert api.get(url).status_code == 200


def test_the_currency_stays_once_there_are_events(api, venue, olga):
    url = f"{URL}/{venue.pk}"
    assert api.as_(olga).patch(url, {"currency": "EUR"}).status_code == 200
    EventFactory(venue=venue)
    refused = api.as_(olga).patch(url, {"currency": "USD", "name": "Other"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "currency_in_use")
    venue.refresh_from_db()
    assert (venue.currency, venue.name) == ("EUR", "Garden Arena")


def test_a_slug_that_another_venue_has_is_refused_on_change(api, venue, olga):
    VenueFactory(slug="taken")
    refused = api.as_(olga).patch(f"{URL}/{venue.pk}", {"slug": "taken"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "slug_taken")


def test_there_is_no_way_to_replace_or_delete_a_venue(api, venue, olga):
    url = f"{URL}/{venue.pk}"
    assert [api.as_(olga).put(url, NEW).status_code, api.as_(olga).delete(url).status_code] == [405, 405]
