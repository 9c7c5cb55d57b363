"""A venue's endpoints: how many, to where, and what becomes of what waits."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditLog
from notifications.models import WebhookEndpoint, WebhookMessage
from notifications.webhooks import endpoints
from notifications.webhooks.errors import TooManyEndpoints
from trufan.lib.errors import Invalid
from trufan.testing import at_once

URL = "https://hooks.example.com/trufan"


def test_a_venue_has_twenty_at_most_and_a_place_is_free_again(venue, other_venue, now):
    made = [endpoints.add(venue.pk, url=URL, by=None)[0] for _ in range(20)]
    with pytest.raises(TooManyEndpoints):
        endpoints.add(venue.pk, url=URL, by=None)
    endpoints.add(other_venue.pk, url=URL, by=None)
    endpoints.remove(made[7], by=None, now=now)
    assert endpoints.add(venue.pk, url=URL, by=None)[0].slot == 8


def test_the_database_holds_the_limit_too(venue):
    row, _ = endpoints.add(venue.pk, url=URL, by=None)
    for changes in ({"slot": 21}, {"slot": 0}, {"slot": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookEndpoint.objects.filter(pk=row.pk).update(**changes)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_twenty_are_made(venue):
    done = at_once(26, lambda number: endpoints.add(venue.pk, url=URL, by=None))
    assert sum(isinstance(each, TooManyEndpoints) for each in done) == 6
    assert WebhookEndpoint.objects.count() == 20


def test_types_that_do_not_exist_are_refused(venue):
    with pytest.raises(Invalid) as refused:
        endpoints.add(venue.pk, url=URL, by=None, event_types=["order.paid", "order.eaten", "ping"])
    assert refused.value.details[0].as_dict() == {
        "field": "event_types",
        "code": "unknown_event_type",
        "message": "There is no event type order.eaten, ping.",
    }


def test_a_change_of_address_forgets_the_failures_of_the_former(venue, now):
    row, _ = endpoints.add(venue.pk, url=URL, by=None)
    WebhookEndpoint.objects.update(failing_since=now, failures=7, warned_at=now)
    row = endpoints.change(row, by=None, now=now, url=f"{URL}/2")
    assert (row.failing_since, row.failures, row.warned_at, row.health) == (None, 0, None, "active")


def test_switched_off_what_waits_has_failed_and_switched_on_it_begins_anew(endpoint, message, now):
    row = endpoints.change(endpoint.row, by=None, now=now, is_active=False)
    assert (row.off_reason, row.off_at, row.health) == ("by_staff", now, "off")
    waited = WebhookMessage.objects.get()
    assert (waited.status, waited.error) == ("failed", "The endpoint is switched off.")
    WebhookEndpoint.objects.update(failing_since=now, failures=12)
    row = endpoints.change(row, by=None, now=now, is_active=True)
    assert (row.off_reason, row.off_at, row.failing_since, row.health) == ("", None, None, "active")


def test_the_trail_knows_all_of_it_and_no_secret(venue, olga, now):
    row, secret = endpoints.add(venue.pk, url=URL, by=olga)
    endpoints.change(row, by=olga, now=now, description="Stock")
    endpoints.change(row, by=olga, now=now, description="Stock")
    _, other = endpoints.rotate(row, by=olga, now=now)
    endpoints.remove(row, by=olga, now=now)
    entries = AuditLog.objects.filter(entity_id=row.pk).order_by("created_at", "pk")
    assert [each.action.partition(".")[2] for each in entries] == ["added", "changed", "secret_rotated", "removed"]
    assert all(each.actor == olga and each.venue_id == venue.pk for each in entries)
    said = str([(each.old_values, each.new_values) for each in entries])
    assert secret not in said and other not in said


def test_an_address_that_is_none_is_refused_without_looking_it_up(venue):
    with pytest.raises(Invalid):
        endpoints.add(venue.pk, url="http://hooks.example.com/", by=None)
    with pytest.raises(Invalid):
        endpoints.add(venue.pk, url="https://user@hooks.example.com/", by=None)
