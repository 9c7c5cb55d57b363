"""What a venue keeps about a person who works there, and how it goes."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import personal_data
from audit.models import AuditLog
from trufan.testing import StaffFactory
from venues.errors import LastManager
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db


def test_the_export_names_the_places_of_a_person(gus, olga):
    (place,) = personal_data.export_all(gus)["venue_staff"]
    assert (place["venue"], place["role"], place["is_active"]) == ("Garden Arena", "door", True)


def test_erasing_a_person_removes_their_places_and_nobody_elses(venue, other_venue, gus, olga):
    StaffFactory(user=gus, venue=other_venue, is_active=False)
    personal_data.erase_all(gus, timezone.now())
    assert not VenueStaff.objects.filter(user=gus).exists()
    assert VenueStaff.objects.filter(user=olga).exists()
    assert AuditLog.objects.filter(action="staff.erased").count() == 2


def test_the_last_manager_of_a_venue_is_not_erased(venue, olga):
    with pytest.raises(LastManager):
        personal_data.erase_all(olga, timezone.now())
    assert VenueStaff.objects.filter(user=olga).exists()
    StaffFactory(venue=venue)
    personal_data.erase_all(olga, timezone.now())
    assert not VenueStaff.objects.filter(user=olga).exists()


def test_who_is_no_manager_any_more_may_go(venue, olga):
    VenueStaff.objects.filter(user=olga).update(is_active=False)
    personal_data.erase_all(olga, timezone.now())
    assert not VenueStaff.objects.filter(user=olga).exists()
