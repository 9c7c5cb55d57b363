"""The console shows what was written to a venue, by whom only to whom it concerns, and the numbers of ours."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from notifications.models import Consent, InboundMessage, SmsNumber, Suppression
from notifications.sms.tests.conftest import FAYS, OURS
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from venues.models import Venue, VenueStaff


@pytest.fixture
def message(venue: Venue) -> InboundMessage:
    return InboundMessage.objects.create(
        sid="SM1", sender=FAYS, recipient=OURS, venue_id=venue.pk, body="READY", meaning="command", word="READY",
        answer="To pay: $20 https://x/parking/sessions/1#access_code=SECRET", segments=1, handled_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def val(venue: Venue) -> User:
    return StaffFactory(user__email="val@example.com", venue=venue, role=VenueStaff.Role.PARKING).user


def shown(user: User, **query: str) -> str:
    return as_(user).get(url(InboundMessage, "changelist"), query).content.decode()


def test_a_venue_reads_what_was_written_to_it_and_no_other_does(olga, stan, ada, message):
    for reader in (olga, ada):
        assert FAYS in shown(reader)
        assert "READY" in as_(reader).get(url(InboundMessage, "change", message.pk)).content.decode()
    assert "READY" not in shown(stan)
    assert as_(stan).get(url(InboundMessage, "change", message.pk)).status_code == 302


def test_whose_number_it_is_is_not_told_to_who_only_parks_cars(val, message):
    if val.can("view_orders", message.venue_id):
        pytest.fail("the role sees orders: choose another for this test")
    page = shown(val) + as_(val).get(url(InboundMessage, "change", message.pk)).content.decode()
    assert FAYS not in page
    assert "+1******0123" in page
    assert "READY" not in shown(val, q=FAYS[:6])


def test_what_opens_a_stay_is_shown_to_nobody(ada, message):
    page = shown(ada) + as_(ada).get(url(InboundMessage, "change", message.pk)).content.decode()
    assert "SECRET" not in page


def test_the_list_asks_no_more_for_more_rows(olga, message, venue):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            shown(olga)
        return len(asked)

    few = queries()
    for number in range(20):
        InboundMessage.objects.create(sid=f"SMx{number}", sender=FAYS, venue_id=venue.pk, body="STATUS")
    assert queries() == few


def test_what_was_written_to_the_platform_is_for_super_admins(olga, ada, message):
    InboundMessage.objects.update(venue_id=None)
    assert "READY" not in shown(olga)
    assert "READY" in shown(ada)


def test_super_admins_list_numbers_and_venues_read_theirs(ada, olga, stan, venue, other_venue):
    add = url(SmsNumber, "add")
    wrong = as_(ada).post(add, {"number": "0100", "venue_id": str(venue.pk), "is_active": "on"})
    assert "country code" in errors_of(wrong)
    response = as_(ada).post(add, {"number": "+1 212 555 0100", "venue_id": str(venue.pk), "is_active": "on"})
    assert response.status_code == 302, errors_of(response)
    row = SmsNumber.objects.get()
    assert (row.number, row.venue_id, row.is_active) == (OURS, venue.pk, True)
    assert AuditLog.objects.get(action="sms_number.added").actor == ada
    again = as_(ada).post(add, {"number": OURS, "venue_id": "", "is_active": "on"})
    assert "already" in errors_of(again)

    assert OURS in as_(olga).get(url(SmsNumber, "changelist")).content.decode()
    assert OURS not in as_(stan).get(url(SmsNumber, "changelist")).content.decode()
    assert as_(olga).get(add).status_code == 403
    assert as_(olga).post(url(SmsNumber, "change", row.pk), {"is_active": ""}).status_code == 403
    assert "Garden Arena" in as_(olga).get(url(SmsNumber, "change", row.pk)).content.decode()

    changed = as_(ada).post(url(SmsNumber, "change", row.pk), {"venue_id": str(other_venue.pk)})
    assert changed.status_code == 302, errors_of(changed)
    row.refresh_from_db()
    assert (row.venue_id, row.is_active, row.number) == (other_venue.pk, False, OURS)


def test_a_stopped_address_is_lifted_with_its_owners_words(ada, olga):
    row = Suppression.objects.create(channel="sms", address=FAYS, reason="stopped")
    assert as_(olga).get(url(Suppression, "changelist")).status_code == 403
    assert buttons_on(ada, row) == {"lift"}
    page = as_(ada).get(url(Suppression, "button", row.pk, "lift")).content.decode()
    assert "START" in page
    assert "hears from us again" in press(ada, row, "lift", words="She called")
    assert not Suppression.objects.exists()
    consent = Consent.objects.get()
    assert (consent.source, consent.wanted, consent.address, consent.words) == ("staff", True, FAYS, "She called")
    entry = AuditLog.objects.get(action="suppression.lifted")
    assert FAYS not in str(entry.old_values) + str(entry.new_values)
