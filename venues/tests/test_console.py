"""The console opens and changes venues, invites and lets go of staff, and sets taxes by the rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import StaffFactory, TaxRateFactory
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from venues.models import TaxRate, Venue, VenueStaff


def form(**changes: Any) -> dict[str, Any]:
    typed = {
        "name": "Garden Arena", "slug": "garden-arena", "description": "", "street": "", "city": "New York",
        "region": "", "postal_code": "", "country": "US", "latitude": "40.7505", "longitude": "-73.9934",
        "contact_email": "", "contact_phone": "", "time_zone": "America/New_York", "currency": "USD",
        "ticket_fee_fixed": "1.50", "ticket_fee_ppm": "2.5", "configuration": "{}", "is_active": "on",
    }  # fmt: skip
    return typed | changes


def test_a_venues_fees_are_typed_as_people_write_them(olga: User, venue: Venue) -> None:
    assert as_(olga).post(url(Venue, "change", venue.pk), form()).status_code == 302
    venue.refresh_from_db()
    assert (venue.ticket_fee_fixed, venue.ticket_fee_ppm) == (150, 25_000)
    assert AuditLog.objects.get(action="venue.changed").new_values["ticket_fee_fixed"] == 150
    shown = as_(olga).get(url(Venue, "change", venue.pk)).context["adminform"].form
    assert (shown["ticket_fee_fixed"].value(), str(shown["ticket_fee_ppm"].value())) == ("1.50", "2.5")


def test_an_unknown_time_zone_is_refused(olga: User, venue: Venue) -> None:
    response = as_(olga).post(url(Venue, "change", venue.pk), form(time_zone="Mars/Olympus"))
    assert "IANA" in errors_of(response)


def test_a_venue_admin_opens_a_venue_and_manages_it(olga: User, venue: Venue) -> None:
    assert as_(olga).post(url(Venue, "add"), form(name="New Hall", slug="new-hall")).status_code == 302
    opened = Venue.objects.get(slug="new-hall")
    assert VenueStaff.objects.filter(user=olga, venue=opened, role="manager", is_active=True).exists()


def test_a_slug_twice_is_refused_on_the_form(olga: User, venue: Venue) -> None:
    response = as_(olga).post(url(Venue, "add"), form(name="Another"))
    assert errors_of(response)
    assert Venue.objects.count() == 1


def test_closing_a_venue_is_for_super_admins(olga: User, ada: User, venue: Venue) -> None:
    closed = form()
    del closed["is_active"]
    as_(olga).post(url(Venue, "change", venue.pk), closed)
    venue.refresh_from_db()
    assert venue.is_active
    as_(ada).post(url(Venue, "change", venue.pk), closed)
    venue.refresh_from_db()
    assert not venue.is_active


def test_staff_are_invited_by_mail(olga: User, venue: Venue) -> None:
    typed = {"venue": venue.pk, "email": "New@Example.com", "role": "door", "extra_permissions": ["view_audit"]}
    assert as_(olga).post(url(VenueStaff, "add"), typed).status_code == 302
    place = VenueStaff.objects.get(user__email="new@example.com")
    assert (place.role, place.extra_permissions) == ("door", ["view_audit"])
    assert Notification.objects.get(template="staff_invited").recipient == "new@example.com"


def test_an_invitation_needs_an_address(olga: User, venue: Venue) -> None:
    response = as_(olga).post(url(VenueStaff, "add"), {"venue": venue.pk, "email": "", "role": "door"})
    assert response.context["adminform"].form.errors["email"]


def test_nobody_is_invited_twice(olga: User, gus: User, venue: Venue) -> None:
    response = as_(olga).post(url(VenueStaff, "add"), {"venue": venue.pk, "email": gus.email, "role": "kitchen"})
    assert "already on the staff" in errors_of(response)
    assert gus.venue_staff.get().role == "door"


def test_a_role_is_changed_by_the_rule(olga: User, gus: User, venue: Venue) -> None:
    place = gus.venue_staff.get()
    assert as_(olga).post(url(VenueStaff, "change", place.pk), {"role": "box_office"}).status_code == 302
    place.refresh_from_db()
    assert place.role == "box_office"
    assert AuditLog.objects.get(action="staff.changed").actor == olga


def test_nobody_gives_more_than_they_hold(gus: User, venue: Venue) -> None:
    gus.venue_staff.update(extra_permissions=["manage_staff"])
    place = StaffFactory(venue=venue, role="door")
    response = as_(gus).post(url(VenueStaff, "change", place.pk), {"role": "manager"})
    assert "do not hold yourself" in errors_of(response)
    place.refresh_from_db()
    assert place.role == "door"


def test_a_persons_place_ends(olga: User, gus: User) -> None:
    place = gus.venue_staff.get()
    assert "no longer works here" in press(olga, place, "deactivate")
    place.refresh_from_db()
    assert not place.is_active
    assert buttons_on(olga, place) == set()


def test_the_last_manager_stays(olga: User) -> None:
    place = olga.venue_staff.get()
    assert "at least one manager" in press(olga, place, "deactivate")
    place.refresh_from_db()
    assert place.is_active


def test_a_tax_is_typed_in_percent(olga: User, venue: Venue) -> None:
    typed = {"venue": venue.pk, "name": "Sales tax", "category": "ticket", "rate_ppm": "8.875", "is_active": "on"}
    assert as_(olga).post(url(TaxRate, "add"), typed).status_code == 302
    assert TaxRate.objects.get().rate_ppm == 88_750
    assert AuditLog.objects.get(action="tax_rate.created").actor == olga


@pytest.mark.parametrize("rate", ["-1", "101", "8.12345", "much"])
def test_a_rate_that_is_none_is_refused(rate: str, olga: User, venue: Venue) -> None:
    typed = {"venue": venue.pk, "name": "Sales tax", "category": "ticket", "rate_ppm": rate}
    assert as_(olga).post(url(TaxRate, "add"), typed).context["adminform"].form.errors["rate_ppm"]
    assert not TaxRate.objects.exists()


def test_a_tax_is_switched_off(olga: User, venue: Venue) -> None:
    rate = TaxRateFactory(venue=venue)
    typed = {"name": rate.name, "category": rate.category, "rate_ppm": "8.875"}
    assert as_(olga).post(url(TaxRate, "change", rate.pk), typed).status_code == 302
    rate.refresh_from_db()
    assert (rate.is_active, rate.rate_ppm) == (False, 88_750)


def test_readers_see_amounts_and_rates_as_people_write_them(gus: User, venue: Venue) -> None:
    Venue.objects.filter(pk=venue.pk).update(ticket_fee_fixed=150, ticket_fee_ppm=25_000)
    page = as_(gus).get(url(Venue, "change", venue.pk)).content.decode()
    assert "$1.50" in page
    assert "2.5 %" in page
    rate = TaxRateFactory(venue=venue)
    assert "8.875 %" in as_(gus).get(url(TaxRate, "change", rate.pk)).content.decode()


def test_an_invitation_is_sent_again_until_somebody_comes(olga: User, stan: User, venue: Venue) -> None:
    as_(olga).post(url(VenueStaff, "add"), {"venue": venue.pk, "email": "new@example.com", "role": "door"})
    place = VenueStaff.objects.get(user__email="new@example.com")
    again = url(VenueStaff, "button", place.pk, "invite-again")
    as_(stan).post(again)
    mails = Notification.objects.filter(template="staff_invited")
    assert mails.count() == 1
    assert "new@example.com" in as_(olga).get(again).content.decode()
    assert mails.count() == 1
    as_(olga).post(again)
    assert mails.count() == 2
    User.objects.filter(pk=place.user_id).update(email_verified_at=timezone.now())
    as_(olga).post(again)
    assert mails.count() == 2
