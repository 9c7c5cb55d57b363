"""What an event lacks: told beforehand, in the API and on its page, and refused for the same reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from payments.models import ConnectedAccount
from trufan.testing import EventFactory
from trufan.tests.console_client import as_
from venues.models import TaxRate, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(venue) -> Event:
    return EventFactory(venue=venue, status="draft")


def asked(api, person, event):
    return api.as_(person).get(f"/api/v1/events/{event.pk}/readiness")


def codes(answer, blocks=None):
    return [each["code"] for each in answer.json()["lacks"] if blocks is None or each["blocks"] is blocks]


def test_what_blocks_is_what_publication_is_refused_for(api, olga, venue, draft):
    Event.objects.filter(pk=draft.pk).update(capacity=0)
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    told = asked(api, olga, draft)
    assert told.json()["is_ready"] is False
    assert codes(told, blocks=True) == ["venue_closed", "no_capacity", "no_ticket_type"]
    refusal = api.as_(olga).post(f"/api/v1/events/{draft.pk}/publish").json()["error"]
    assert refusal["code"] == "not_sellable"
    assert [each["code"] for each in refusal["details"]] == codes(told, blocks=True)
    assert all(each["message"] in refusal["message"] for each in refusal["details"])


def test_what_only_warns_does_not_keep_it_from_being_published(api, olga, venue, draft, seller):
    told = asked(api, olga, draft)
    assert (told.json()["is_ready"], codes(told)) == (True, ["payouts_not_ready", "no_tax"])
    assert api.as_(olga).post(f"/api/v1/events/{draft.pk}/publish").status_code == 200


def test_payouts_and_taxes_that_are_set_up_are_not_missed(api, olga, venue, draft, seller):
    account = ConnectedAccount.objects.create(
        venue_id=venue.pk, name="Arena", provider="sandbox", country="US", default_currency="USD", status="pending"
    )
    Venue.objects.filter(pk=venue.pk).update(connected_account=account)
    TaxRate.objects.create(venue=venue, name="City", category="ticket", rate_ppm=80_000)
    (lack,) = asked(api, olga, draft).json()["lacks"]
    assert (lack["code"], lack["place"], lack["id"]) == ("payouts_not_ready", "payouts", str(account.pk))
    ConnectedAccount.objects.filter(pk=account.pk).update(status="ready")
    assert asked(api, olga, draft).json() == {"is_ready": True, "lacks": []}


def test_only_who_may_publish_is_told(api, olga, gus, stan, fay, draft):
    assert asked(api, gus, draft).status_code == 403
    for who in (stan, fay):
        assert asked(api, who, draft).status_code == 404


def test_an_event_that_is_over_lacks_time(api, olga, draft, seller):
    now = timezone.now()
    ago = {"doors_at": now - timedelta(hours=3), "starts_at": now - timedelta(hours=2)}
    Event.objects.filter(pk=draft.pk).update(**ago, ends_at=now + timedelta(hours=1))
    assert "event_running" in codes(asked(api, olga, draft), blocks=False)
    Event.objects.filter(pk=draft.pk).update(ends_at=now - timedelta(hours=1))
    assert codes(asked(api, olga, draft), blocks=True) == ["event_over"]


def test_the_page_of_a_draft_lists_what_is_missing_with_the_way_there(olga, draft):
    page = as_(olga).get(f"/admin/events/event/{draft.pk}/change/").content.decode()
    assert "Before it can be published" in page and "The event has no open ticket type to sell." in page
    assert f"/admin/ticketing/tickettype/add/?event={draft.pk}" in page
    assert f"/admin/venues/taxrate/add/?venue={draft.venue_id}" in page
    refused = as_(olga).post(f"/admin/events/event/{draft.pk}/do/publish/", {"post": "yes"}, follow=True)
    assert "The event has no open ticket type to sell." in refused.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_who_may_not_mend_it_is_given_no_link(gus, draft):
    page = as_(gus).get(f"/admin/events/event/{draft.pk}/change/").content.decode()
    assert f"/admin/ticketing/tickettype/add/?event={draft.pk}" not in page
    assert f"/admin/venues/taxrate/add/?venue={draft.venue_id}" not in page
