"""Sending again, and trying an endpoint."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from audit.models import AuditLog
from notifications.models import WebhookMessage
from notifications.webhooks import delivery, endpoints, replaying
from notifications.webhooks.errors import EndpointOff, MessageBeingSent
from trufan.lib.errors import Missing
from trufan.testing import at_once

Status = WebhookMessage.Status


def fail(message):
    WebhookMessage.objects.filter(pk=message.pk).update(status=Status.FAILED, attempts=10, error="Answered 500.")


def test_what_failed_is_sent_again_under_its_id(
    endpoint, message, receiver, now, olga, django_capture_on_commit_callbacks
):
    fail(message)
    with django_capture_on_commit_callbacks(execute=True):
        row = replaying.replay(message, by=olga, now=now)
        assert (row.status, row.attempts, row.error) == (Status.PENDING, 0, "")
    assert [each.headers["webhook-id"] for each in receiver.received] == [message.message_id]
    entry = AuditLog.objects.get(action="webhook_message.replayed")
    assert (entry.actor, entry.venue_id) == (olga, endpoint.row.venue_id)


def test_what_was_delivered_can_be_sent_again_too(message, receiver, now, django_capture_on_commit_callbacks):
    delivery.deliver(message.pk, now)
    with django_capture_on_commit_callbacks(execute=True):
        replaying.replay(message, by=None, now=now)
    assert len(receiver.received) == 2
    assert WebhookMessage.objects.get().status == Status.DELIVERED


def test_what_waits_is_sent_now(message, receiver, now, django_capture_on_commit_callbacks):
    WebhookMessage.objects.update(next_attempt_at=now + timedelta(hours=9), attempts=7)
    with django_capture_on_commit_callbacks(execute=True):
        replaying.replay(message, by=None, now=now)
    assert len(receiver.received) == 1


def test_what_is_being_sent_is_not_sent_a_second_time(message, now):
    delivery._claim(message.pk, now)
    with pytest.raises(MessageBeingSent):
        replaying.replay(message, by=None, now=now)


def test_nothing_is_replayed_to_an_endpoint_that_is_off_or_gone(endpoint, message, now):
    endpoints.change(endpoint.row, by=None, now=now, is_active=False)
    for act in (
        lambda: replaying.replay(message, by=None, now=now),
        lambda: replaying.replay_failed(endpoint.row, since=now, by=None, now=now),
        lambda: replaying.ping(endpoint.row, by=None, now=now),
    ):
        with pytest.raises(EndpointOff):
            act()
    endpoints.remove(endpoint.row, by=None, now=now)
    with pytest.raises(Missing):
        replaying.replay(message, by=None, now=now)


def test_all_that_failed_since_then_goes_again_and_nothing_else(endpoint, message, receiver, now):
    rows = {}
    for name, status, ago in (("old", "failed", 49), ("lost", "failed", 47), ("there", "delivered", 47)):
        rows[name] = WebhookMessage.objects.create(
            endpoint=endpoint.row, type="order.paid", body="{}", status=status, next_attempt_at=now,
            created_at=now - timedelta(hours=ago),
        )  # fmt: skip
    assert replaying.replay_failed(endpoint.row, since=now - timedelta(hours=48), by=None, now=now) == 1
    states = {name: WebhookMessage.objects.get(pk=row.pk).status for name, row in rows.items()}
    assert states == {"old": "failed", "lost": "pending", "there": "delivered"}


def test_a_ping_arrives_whatever_was_asked_for(endpoint, receiver, now, olga, django_capture_on_commit_callbacks):
    endpoints.change(endpoint.row, by=None, now=now, event_types=["ticket.issued"])
    with django_capture_on_commit_callbacks(execute=True):
        replaying.ping(endpoint.row, by=olga, now=now)
    told = json.loads(receiver.received[0].body)
    assert (told["type"], told["data"]["endpoint"]) == ("ping", str(endpoint.row.pk))


def test_a_ping_is_tried_at_once_also_while_it_fails(endpoint, receiver, now, django_capture_on_commit_callbacks):
    endpoint.row.failing_since = now
    endpoint.row.save()
    with django_capture_on_commit_callbacks(execute=True):
        replaying.ping(endpoint.row, by=None, now=now)
    assert (len(receiver.received), endpoint.fresh().failing_since) == (1, None)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_switching_off_and_replaying_at_once_nothing_is_left_waiting(venue, endpoint, message, receiver, now):
    for _ in range(5):
        fail(message)
        endpoints.change(endpoint.row, by=None, now=now, is_active=True)

        def act(number):
            if number:
                return replaying.replay(message, by=None, now=now)
            return endpoints.change(endpoint.row, by=None, now=now, is_active=False)

        at_once(2, act)
        assert WebhookMessage.objects.get().status in (Status.FAILED, Status.DELIVERED)
