"""Two who act on one venue's staff at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone

from trufan.lib.errors import DomainError
from trufan.testing import StaffFactory, VenueFactory
from venues import staffing
from venues.models import VenueStaff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*jobs) -> list[str]:
    """Run the jobs together; the code of each refusal."""
    ready = threading.Barrier(len(jobs))
    refused: list[str] = []

    def run(job) -> None:
        try:
            ready.wait(10)
            job()
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refused


def test_of_two_managers_who_remove_each_other_one_stays():
    for _ in range(5):
        one, other = StaffFactory.create_batch(2, venue=VenueFactory())
        assert one.user.granted and other.user.granted  # both were let in before either acted
        refused = at_once(
            lambda place=other, by=one.user: staffing.deactivate(place, by, timezone.now()),
            lambda place=one, by=other.user: staffing.deactivate(place, by, timezone.now()),
        )
        assert refused == ["last_manager"]
        assert VenueStaff.objects.filter(venue=one.venue, is_active=True).count() == 1


def test_one_address_invited_by_several_at_once_gets_one_place():
    place = StaffFactory()
    now = timezone.now()
    refused = at_once(
        *[lambda: staffing.invite(place.venue, "new@example.com", "door", [], place.user, now) for _ in range(4)]
    )
    assert refused == ["already_on_staff"] * 3
    assert VenueStaff.objects.filter(user__email="new@example.com").count() == 1
