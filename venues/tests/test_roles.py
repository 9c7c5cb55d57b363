"""What a place at a venue allows."""

from __future__ import annotations

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import grants, sign_in, tokens
from accounts.grants import Permission
from accounts.models import User
from trufan.testing import StaffFactory, UserFactory
from venues import roles
from venues.models import Venue, VenueStaff

pytestmark = pytest.mark.django_db


def test_every_role_has_permissions_and_every_one_may_see_the_venue():
    assert set(roles.PERMISSIONS) == set(VenueStaff.Role.values)
    assert all(Permission.VIEW_VENUE in permissions for permissions in roles.PERMISSIONS.values())


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("manager", list(Permission), []),
        (
            "box_office",
            ["view_orders", "view_payments", "refund_orders", "check_in"],
            ["manage_events", "manage_staff"],
        ),
        ("door", ["check_in", "view_orders"], ["refund_orders", "manage_venue", "view_payments"]),
        ("kitchen", ["view_venue"], ["check_in", "view_orders"]),
        ("parking", ["view_venue"], ["check_in", "view_orders"]),
    ],
)
def test_a_role_allows_what_it_is_for(venue, other_venue, role, may, may_not):
    user = StaffFactory(venue=venue, role=role).user
    assert all(user.can(permission, venue) for permission in may)
    assert not any(user.can(permission, venue) for permission in may_not)
    assert not any(user.can(permission, other_venue) for permission in Permission)


def test_additions_come_on_top_and_unknown_words_grant_nothing(venue):
    user = StaffFactory(venue=venue, role="kitchen", extra_permissions=["check_in", "own_the_place"]).user
    assert user.granted == {venue.pk: {"view_venue", "run_kitchen", "check_in"}}


def test_all_permissions_of_a_person_cost_one_query(venue, other_venue, django_assert_num_queries):
    user = UserFactory()
    StaffFactory(user=user, venue=venue)
    StaffFactory(user=user, venue=other_venue, role="door")
    user = User.objects.get(pk=user.pk)
    with django_assert_num_queries(1):
        assert user.can("manage_venue", venue)
        assert user.can("check_in", other_venue)
        assert not user.can("manage_venue", other_venue)


def test_the_statement_that_reads_who_asks_tells_the_same(venue, other_venue, django_assert_num_queries):
    user = UserFactory()
    StaffFactory(user=user, venue=venue, role="kitchen", extra_permissions=["check_in", "own_the_place"])
    StaffFactory(user=user, venue=other_venue, role="door")
    StaffFactory(user=user, is_active=False)
    nobody, rows = UserFactory(), User.objects.annotate(**grants.beside("pk"))
    with django_assert_num_queries(2):
        assert grants.told_by(rows.get(pk=user.pk)) == {
            venue.pk: {"view_venue", "run_kitchen", "check_in"}, other_venue.pk: roles.PERMISSIONS["door"],
        }  # fmt: skip
        assert grants.told_by(rows.get(pk=nobody.pk)) == {}
    assert grants.told_by(rows.get(pk=user.pk)) == User.objects.get(pk=user.pk).granted


def test_a_request_of_staff_asks_who_they_are_and_what_they_may_at_once(venue, django_assert_num_queries):
    """By a bearer token, as an app asks; and what is taken away counts from the next request on."""
    place, now = StaffFactory(venue=venue), timezone.now()
    client = APIClient(headers={"Authorization": f"Bearer {tokens.access_for(sign_in.start(place.user, now), now)}"})
    path = f"/api/v1/venues/{venue.pk}/staff"
    assert client.get(path).status_code == 200
    with django_assert_num_queries(4):  # who asks, venue, count, page
        assert client.get(path).status_code == 200
    place.is_active = False
    place.save()
    assert client.get(path).status_code == 403


def test_a_place_given_up_allows_nothing(venue):
    place = StaffFactory(venue=venue, is_active=False)
    assert place.user.granted == {}


def test_staff_keep_their_rights_at_a_closed_venue(venue, olga):
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert olga.can("manage_venue", venue)


def test_a_person_switched_off_may_nothing(venue, olga):
    User.objects.filter(pk=olga.pk).update(is_active=False)
    assert not User.objects.get(pk=olga.pk).can("view_venue", venue)
