"""What happens is written down with what happened, for who asked for it, and posted after the commit."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from standardwebhooks import Webhook

from notifications.models import WebhookEndpoint, WebhookMessage
from notifications.webhooks import announcing, delivery, kinds
from notifications.webhooks.announcing import announce, announce_each
from notifications.webhooks.tests.conftest import Endpoint

HELD = "order.paid"


def data():
    return {"order": {"number": "7KQ4-M2XD"}}


def never():
    raise AssertionError("nobody listens: nothing is to be put into words")


def test_where_nobody_listens_it_costs_one_query(venue, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert announce(HELD, venue.pk, never) == 0


def test_where_somebody_does_it_costs_two_however_many(venue, nearby, django_assert_num_queries):
    for number in range(5):
        Endpoint(venue, f"http://127.0.0.1:9000/{number}")
    with django_assert_num_queries(2):
        assert announce_each(HELD, [(venue.pk, data)] * 3) == 15


def test_nothing_at_all_costs_nothing(venue, django_assert_num_queries):
    with django_assert_num_queries(0):
        announce_each(HELD, [])


def test_a_message_says_what_when_and_where(venue, endpoint, now, receiver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        announce(HELD, venue.pk, data, now)
        assert not receiver.received
    [request] = receiver.received
    told = Webhook(endpoint.secret).verify(request.body, request.headers)
    assert told["type"] == HELD
    assert told["data"] == {"venue_id": str(venue.pk), "order": {"number": "7KQ4-M2XD"}}
    assert told["timestamp"] == f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
    assert WebhookMessage.objects.get().status == "delivered"


def test_a_rollback_unsays_it(venue, endpoint, receiver, django_capture_on_commit_callbacks):
    with (
        django_capture_on_commit_callbacks(execute=True) as callbacks,
        pytest.raises(RuntimeError),
        transaction.atomic(),
    ):
        announce(HELD, venue.pk, data)
        raise RuntimeError
    assert (callbacks, receiver.received, WebhookMessage.objects.count()) == ([], [], 0)


def test_only_who_asked_hears_of_it(venue, other_venue, nearby):
    all_of_it = Endpoint(venue, "http://127.0.0.1:9000/a").row
    this = Endpoint(venue, "http://127.0.0.1:9000/b", event_types=[HELD, "ticket.issued"]).row
    Endpoint(venue, "http://127.0.0.1:9000/c", event_types=["ticket.issued"])
    Endpoint(venue, "http://127.0.0.1:9000/d", is_active=False)
    Endpoint(other_venue, "http://127.0.0.1:9000/e")
    announce(HELD, venue.pk, data)
    assert set(WebhookMessage.objects.values_list("endpoint", flat=True)) == {all_of_it.pk, this.pk}


def test_what_does_not_exist_is_not_announced(venue):
    with pytest.raises(LookupError):
        announce("order.eaten", venue.pk, data)
    with pytest.raises(LookupError):
        announce(kinds.PING, venue.pk, data)


def test_two_kinds_do_not_share_a_name():
    with pytest.raises(ValueError, match="registered already"):
        kinds.register(HELD, "Something else.", {})


def test_an_endpoint_that_fails_is_not_asked_at_once(
    venue, endpoint, receiver, now, django_capture_on_commit_callbacks
):
    WebhookEndpoint.objects.update(failing_since=now)
    with django_capture_on_commit_callbacks(execute=True):
        announce(HELD, venue.pk, data, now)
    assert not receiver.received
    assert WebhookMessage.objects.get().status == "pending"


def test_of_very_many_only_the_first_ask_for_a_worker(venue, endpoint, receiver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        announce_each(HELD, [(venue.pk, data)] * (announcing.NUDGED + 3))
    assert len(callbacks) == announcing.NUDGED
    # Who got through went on with the rest, each once.
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert len(ids) == len(set(ids)) == announcing.NUDGED + 3


def test_a_dead_receiver_is_no_error_of_what_happened(venue, endpoint, receiver, django_capture_on_commit_callbacks):
    receiver.answers = ["drop"]
    with django_capture_on_commit_callbacks(execute=True):
        announce(HELD, venue.pk, data)
    assert WebhookMessage.objects.get().status == "pending"


def test_the_same_bytes_are_signed_and_posted_whatever_they_are(venue, endpoint, receiver, now):
    announce(HELD, venue.pk, lambda: {"name": 'Zoë \u2028 "quoted" \\ \x00 🎟'}, now)
    delivery.deliver(WebhookMessage.objects.get().pk, now)
    [request] = receiver.received
    assert json.loads(request.body)["data"]["name"] == 'Zoë \u2028 "quoted" \\ \x00 🎟'
    Webhook(endpoint.secret).verify(request.body, request.headers)
