"""What the schedule hands out, and what it forgets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks import announcing, delivery, endpoints, sweeping
from notifications.webhooks.tests.conftest import Endpoint
from notifications.webhooks.tests.receiver import receiving
from trufan.lib import sweeps


def wait(endpoint, count, now, **fields):
    """So many messages that are due."""
    row = getattr(endpoint, "row", endpoint)
    return [
        WebhookMessage.objects.create(
            endpoint=row, type="order.paid", body="{}", next_attempt_at=now - timedelta(seconds=n), **fields
        )
        for n in range(count)
    ]


@pytest.fixture
def handed(monkeypatch):
    """What the sweep gave to workers, who are all busy."""
    ids: list = []
    monkeypatch.setattr(announcing, "nudge", ids.append)
    return ids


def test_the_sweep_finds_what_a_crash_left(endpoint, message, receiver, now):
    delivery._claim(message.pk, now - delivery.LEASE)
    assert sweeps.run_all(now)["webhooks.due"] == 1
    assert len(receiver.received) == 1
    assert WebhookMessage.objects.get().status == "delivered"


def test_it_hands_out_so_many_of_each_endpoint(endpoint, venue, now, handed):
    other = Endpoint(venue, "http://127.0.0.1:9000/")
    wait(endpoint, sweeping.PER_ENDPOINT + 5, now)
    theirs = {row.pk for row in wait(other, 2, now)}
    assert sweeping.hand_out(now) == len(handed) == sweeping.PER_ENDPOINT + 2
    assert theirs < set(handed)


def test_of_one_that_fails_few_and_after_the_others(endpoint, venue, now, handed):
    WebhookEndpoint.objects.update(failing_since=now)
    failing = {row.pk for row in wait(endpoint, 20, now)}
    well = {row.pk for row in wait(Endpoint(venue, "http://127.0.0.1:9000/"), 2, now)}
    sweeping.hand_out(now)
    assert set(handed[:2]) == well
    assert len(handed[2:]) == sweeping.PER_FAILING_ENDPOINT and set(handed[2:]) < failing


def test_the_longest_overdue_comes_first(endpoint, now, handed):
    rows = wait(endpoint, 4, now)
    sweeping.hand_out(now)
    assert handed == [row.pk for row in reversed(rows)]


def test_what_was_handed_out_is_not_handed_out_again_at_once(endpoint, now, handed):
    wait(endpoint, 3, now)
    assert [sweeping.hand_out(now), sweeping.hand_out(now), len(handed)] == [3, 0, 3]
    assert sweeping.hand_out(now + sweeping.HANDED_FOR) == 3


def test_what_is_not_due_stays(endpoint, now, handed):
    wait(endpoint, 1, now + timedelta(minutes=1))
    wait(endpoint, 1, now, status="delivered")
    assert sweeping.hand_out(now) == 0


def test_without_workers_it_ends_in_time_and_the_next_goes_on(endpoint, now, handed, monkeypatch):
    wait(endpoint, 4, now)
    monkeypatch.setattr(sweeping, "BUDGET_SECONDS", -1)
    assert sweeping.hand_out(now) == 0
    monkeypatch.undo()
    monkeypatch.setattr(announcing, "nudge", handed.append)
    assert sweeping.hand_out(now) == 4


def test_an_endpoint_that_hangs_does_not_stop_the_others(venue, nearby, now, monkeypatch):
    from notifications.webhooks import posting

    post = posting.post
    monkeypatch.setattr(posting, "post", lambda *args: post(*args, seconds=0.3))
    with receiving("hang") as bad, receiving() as good:
        wait(Endpoint(venue, bad.url), 1, now)
        sweeping.hand_out(now)
        wait(WebhookEndpoint.objects.get(), 9, now)
        wait(Endpoint(venue, good.url), 9, now)
        sweeping.hand_out(now + timedelta(seconds=1))
        assert (len(good.received), len(bad.received)) == (9, 1 + sweeping.PER_FAILING_ENDPOINT)


def test_both_sweeps_are_on_the_schedule():
    assert {"webhooks.due", "webhooks.old"} <= set(sweeps._sweeps)


# -- Forgetting --


def test_what_is_over_is_kept_for_a_month(endpoint, now, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    old = now - timedelta(days=30) - timedelta(minutes=1)
    gone = wait(endpoint, 5, now, status="failed", created_at=old)
    WebhookAttempt.objects.create(message=gone[0], number=1, duration_ms=1)
    kept = [
        *wait(endpoint, 1, now, status="delivered", created_at=now - timedelta(days=30) + timedelta(minutes=1)),
        *wait(endpoint, 1, now, status="pending", created_at=old),
    ]
    assert sweeping.prune(now) == 5
    assert set(WebhookMessage.objects.values_list("pk", flat=True)) == {row.pk for row in kept}


def test_a_removed_endpoint_goes_with_the_last_of_its_messages(endpoint, message, now):
    endpoints.remove(endpoint.row, by=None, now=now)
    sweeping.prune(now + timedelta(days=30))
    assert WebhookEndpoint.objects.exists()
    sweeping.prune(now + timedelta(days=30) + timedelta(minutes=1))
    assert not WebhookEndpoint.objects.exists()


def test_the_sweep_costs_the_same_for_many_messages(endpoint, now, handed, django_assert_num_queries):
    wait(endpoint, 40, now)
    delivery.WEBHOOKS.is_on()  # every process remembers the switches, and asks for them once in a while
    with django_assert_num_queries(3):  # endpoints, the messages of one, their mark
        sweeping.hand_out(now)
