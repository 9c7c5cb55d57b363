"""From the row to the receiver and back into the row, against a real server."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from standardwebhooks import Webhook

from notifications import templating
from notifications.models import Notification, WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks import announcing, delivery, endpoints, health, posting, sweeping
from notifications.webhooks.tests.receiver import closed_port
from trufan.testing import at_once

Status = WebhookMessage.Status


def fresh(message: WebhookMessage) -> WebhookMessage:
    return WebhookMessage.objects.get(pk=message.pk)


def run_out(message: WebhookMessage, now):
    """Try as often as there are attempts, each when it is due; when the last one was."""
    for _ in range(delivery.MAX_ATTEMPTS):
        delivery.deliver(message.pk, now)
        row = fresh(message)
        if row.status != Status.PENDING:
            break
        now = row.next_attempt_at
    return now


def test_a_message_arrives_signed_once(receiver, endpoint, message, now):
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error, row.attempts) == (Status.DELIVERED, "", 1)
    assert delivery.deliver(message.pk, now) is None
    [request] = receiver.received
    assert request.headers["webhook-id"] == message.message_id
    assert request.headers["content-type"] == "application/json"
    assert Webhook(endpoint.secret).verify(request.body, request.headers) == json.loads(message.body)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.number, attempt.status_code, attempt.error) == (1, 204, "")


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_a_refusal_is_tried_again_later_with_the_same_id_and_body(receiver, message, now, status):
    receiver.answers = [(status, {}, b"not now"), (200, {}, b"")]
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error[:12]) == (Status.PENDING, f"Answered {status}"[:12])
    assert row.next_attempt_at >= now + delivery.PAUSES[0]
    assert delivery.deliver(message.pk, now) is None
    assert delivery.deliver(message.pk, row.next_attempt_at).status == Status.DELIVERED
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [each.answer for each in WebhookAttempt.objects.order_by("number")] == ["not now", ""]


@pytest.mark.parametrize("behaviour", ["hang", "drop", "drip", "rubbish"])
def test_a_receiver_that_says_nothing_is_asked_again(receiver, message, now, monkeypatch, behaviour):
    monkeypatch.setattr(posting, "post", lambda *args: post(*args, seconds=0.5))
    receiver.answers = [behaviour, (200, {}, b"")]
    row = delivery.deliver(message.pk, now)
    assert row.status == Status.PENDING and row.error
    assert delivery.deliver(message.pk, row.next_attempt_at).status == Status.DELIVERED


post = posting.post


def test_pauses_grow_to_three_days_and_then_it_is_given_up_with_its_reason(receiver, message, now):
    receiver.answers = [(500, {}, b"")]
    last = run_out(message, now)
    row = fresh(message)
    assert (row.status, row.error) == (Status.FAILED, "Answered 500. Given up after 10 attempts.")
    assert len(receiver.received) == delivery.MAX_ATTEMPTS == 10
    assert timedelta(hours=75) < last - now < timedelta(hours=77)
    assert delivery.deliver(message.pk, last + timedelta(days=9)) is None


@pytest.mark.parametrize(
    ("asked", "waits"), [("1800", timedelta(minutes=30)), ("1", delivery.PAUSES[0]), ("999999", timedelta(hours=24))]
)
def test_a_receiver_is_left_alone_as_long_as_it_asks(receiver, message, now, asked, waits):
    receiver.answers = [(429, {"Retry-After": asked}, b"")]
    row = delivery.deliver(message.pk, now)
    assert waits <= row.next_attempt_at - now < waits + timedelta(seconds=5)


def test_gone_is_believed_at_once(receiver, endpoint, message, now, olga):
    receiver.answers = [(410, {}, b"")]
    other = WebhookMessage.objects.create(endpoint=endpoint.row, type="order.paid", body="{}", next_attempt_at=now)
    row = delivery.deliver(message.pk, now)
    assert (row.status, "gone for good" in row.error) == (Status.FAILED, True)
    assert (endpoint.fresh().is_active, endpoint.row.off_reason) == (False, "gone")
    assert (fresh(other).status, "410" in fresh(other).error) == (Status.FAILED, True)
    mail = Notification.objects.get(template="webhook_failing")
    assert (mail.recipient, mail.context["venue"]) == (olga.email, "Garden Arena")
    words = templating.render(mail.template, "email", mail.context)
    for text in (words.text, words.html):
        assert receiver.url in text and str(endpoint.row.pk) in text and "gone for good" in text


def test_after_a_rotation_both_secrets_sign_for_a_day(receiver, endpoint, message, now):
    _, new = endpoints.rotate(endpoint.row, by=None, now=now)
    delivery.deliver(message.pk, now)
    request = receiver.received[-1]
    for secret in (endpoint.secret, new):
        Webhook(secret).verify(request.body, request.headers)
    WebhookMessage.objects.update(status=Status.PENDING, next_attempt_at=now)
    WebhookEndpoint.objects.update(former_secret_until=now)
    delivery.deliver(message.pk, now)
    assert len(receiver.received[-1].headers["webhook-signature"].split()) == 1
    Webhook(new).verify(receiver.received[-1].body, receiver.received[-1].headers)


def test_a_former_secret_that_can_not_be_read_is_passed_over(receiver, endpoint, message, now):
    _, new = endpoints.rotate(endpoint.row, by=None, now=now)
    WebhookEndpoint.objects.update(former_secret="not sealed")
    assert delivery.deliver(message.pk, now).status == Status.DELIVERED
    Webhook(new).verify(receiver.received[0].body, receiver.received[0].headers)


def test_a_secret_outlives_the_key_that_sealed_it(receiver, endpoint, message, now, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-the-same-house-0123456789-abcdefghij"
    assert delivery.deliver(message.pk, now).status == Status.DELIVERED
    settings.SECRET_KEY_FALLBACKS = []
    WebhookMessage.objects.update(status=Status.PENDING, next_attempt_at=now)
    assert delivery.deliver(message.pk, now).status == Status.DELIVERED
    Webhook(endpoint.secret).verify(receiver.received[1].body, receiver.received[1].headers)


def test_a_secret_that_can_not_be_read_is_no_reason_to_send_unsigned(receiver, endpoint, message, now):
    WebhookEndpoint.objects.update(secret="not sealed")
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error) == (Status.PENDING, "Its secret can't be read any more. Rotate it.")
    assert not receiver.received


def test_secrets_are_sealed_in_the_database(endpoint):
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret not in WebhookEndpoint.objects.values_list("secret", flat=True)
    assert endpoint.secret[6:] not in endpoint.fresh().secret


# -- Workers that die, and workers that meet --


def test_a_worker_that_died_after_its_claim_is_followed_by_another(receiver, message, now):
    delivery._claim(message.pk, now)
    assert delivery.deliver(message.pk, now + timedelta(seconds=60)) is None
    assert delivery.deliver(message.pk, now + delivery.LEASE).status == Status.DELIVERED
    assert len(receiver.received) == 1


def test_a_worker_that_died_after_the_post_is_followed_under_the_same_id(receiver, message, now, monkeypatch):
    def die(*args):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(delivery, "_record", die)
        with pytest.raises(SystemExit):
            delivery.deliver(message.pk, now)
    assert delivery.deliver(message.pk, now + delivery.LEASE).status == Status.DELIVERED
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert ids == [message.message_id] * 2


def test_what_kills_every_worker_is_given_up(receiver, message, now):
    WebhookMessage.objects.update(attempts=delivery.MAX_ATTEMPTS)
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error[:9]) == (Status.FAILED, "Given up:")
    assert not receiver.received


def test_a_worker_that_comes_back_late_does_not_undo_what_another_did(receiver, message, now):
    late = delivery._claim(message.pk, now)
    assert delivery.deliver(message.pk, now + delivery.LEASE).status == Status.DELIVERED
    delivery._record(late, delivery.Result("No answer."), now + delivery.LEASE)
    assert fresh(message).status == Status.DELIVERED


def test_what_arrived_late_is_delivered_all_the_same(receiver, message, now):
    late = delivery._claim(message.pk, now)
    delivery._claim(message.pk, now + delivery.LEASE)
    delivery._record(late, delivery.Result(status=204), now + delivery.LEASE)
    assert fresh(message).status == Status.DELIVERED


def test_a_mistake_of_ours_is_tried_again_as_well(receiver, message, now, monkeypatch):
    def slip(*args):
        raise KeyError("oh")

    monkeypatch.setattr(posting, "post", slip)
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error) == (Status.PENDING, "KeyError on our side.")


@pytest.mark.parametrize("status", [204, 500])
def test_an_endpoint_removed_during_a_post_hurts_nobody(receiver, endpoint, message, now, status):
    receiver.answers = [(status, {}, b"")]
    row = delivery._claim(message.pk, now)
    result = delivery._post(row, now)
    endpoints.remove(endpoint.row, by=None, now=now)
    delivery._record(row, result, now)
    assert fresh(message).status == (Status.DELIVERED if status == 204 else Status.FAILED)


@pytest.mark.parametrize("status", [204, 500])
def test_a_message_erased_during_a_post_hurts_nobody(receiver, endpoint, message, now, status):
    receiver.answers = [(status, {}, b"")]
    row = delivery._claim(message.pk, now)
    result = delivery._post(row, now)
    WebhookEndpoint.objects.all().delete()
    delivery._record(row, result, now)
    assert not WebhookAttempt.objects.exists()


def test_nothing_is_posted_to_an_endpoint_that_was_switched_off_since(receiver, endpoint, message, now):
    WebhookEndpoint.objects.update(is_active=False, off_reason="by_staff")
    row = delivery.deliver(message.pk, now)
    assert (row.status, row.error) == (Status.FAILED, "The endpoint is switched off.")
    assert not receiver.received


def test_no_transaction_is_open_while_it_is_posted(receiver, message, now, monkeypatch, django_db_setup):
    seen = []
    monkeypatch.setattr(posting, "post", lambda *args: (seen.append(len(connection.savepoint_ids)), post(*args))[1])
    outside = len(connection.savepoint_ids)
    delivery.deliver(message.pk, now)
    assert seen == [outside]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_workers_at_once_one_posts(venue, receiver, endpoint, now):
    for _ in range(5):
        message = WebhookMessage.objects.create(endpoint=endpoint.row, type="ping", body="{}", next_attempt_at=now)
        done = at_once(6, lambda number: delivery.deliver(message.pk, now))  # noqa: B023  over before the next
        assert [row.status for row in done if row] == [Status.DELIVERED]
    assert len(receiver.received) == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_endpoint_is_removed_and_messages_erased_while_workers_post(venue, receiver, endpoint, now):
    old = now - timedelta(days=30) - timedelta(days=1)
    rows = [
        WebhookMessage.objects.create(
            endpoint=endpoint.row, type="ping", body="{}", next_attempt_at=now, created_at=old
        )
        for _ in range(6)
    ]

    def act(number):
        if number < 6:
            return delivery.deliver(rows[number].pk, now)
        if number == 6:
            return endpoints.remove(endpoint.row, by=None, now=now)
        return sweeping.prune(now)

    at_once(8, act)
    sweeping.prune(now)
    left = WebhookMessage.objects.exclude(status__in=[Status.DELIVERED, Status.FAILED])
    assert not left.exists() and not WebhookMessage.objects.exists() and not WebhookAttempt.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sale_that_announces_waits_for_no_worker(venue, receiver, endpoint, message, now):
    """Its row refers to the endpoint, which a worker that records holds; and the other way round."""

    def announce(number):
        with transaction.atomic():
            endpoints.held(endpoint.row) if number == 0 else announcing.say_to(endpoint.row, "ping", {}, now)
            barrier.wait(5)

    barrier = threading.Barrier(2)
    assert at_once(2, announce) == [None, None]


# -- What waits for the same endpoint --


def wait(endpoint, count, now):
    return [
        WebhookMessage.objects.create(
            endpoint=endpoint.row, type="ping", body="{}", next_attempt_at=now - timedelta(seconds=number)
        )
        for number in range(count)
    ]


def test_a_worker_that_got_through_goes_on_with_the_longest_waiting(receiver, endpoint, message, now):
    rows = wait(endpoint, 4, now)
    assert delivery.deliver_and_go_on(message.pk, now) == 5
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert ids == [each.message_id for each in (message, *reversed(rows))]


def test_a_worker_that_did_not_get_through_leaves_the_rest_alone(receiver, endpoint, message, now):
    wait(endpoint, 4, now)
    receiver.answers = [(500, {}, b"")]
    assert delivery.deliver_and_go_on(message.pk, now) == 0
    assert len(receiver.received) == 1


def test_it_does_not_go_on_for_ever(receiver, endpoint, message, now, monkeypatch):
    wait(endpoint, 4, now)
    monkeypatch.setattr(delivery, "DRAIN_SECONDS", 1e-9)
    assert delivery.deliver_and_go_on(message.pk, now) == 1


def test_so_many_post_to_one_endpoint_and_the_others_leave_it_to_them(receiver, endpoint, message, now):
    running = wait(endpoint, delivery.AT_ONCE, now)
    for row in running:
        delivery._claim(row.pk, now)
    assert (delivery.deliver_and_go_on(message.pk, now), receiver.received) == (0, [])
    delivery._record(WebhookMessage.objects.get(pk=running[0].pk), delivery.Result(status=204), now)
    assert delivery.deliver_and_go_on(message.pk, now) == 1


def test_workers_that_died_keep_no_place(receiver, endpoint, message, now):
    for row in wait(endpoint, delivery.AT_ONCE, now):
        delivery._claim(row.pk, now)
    assert delivery.deliver_and_go_on(message.pk, now + delivery.LEASE) == delivery.AT_ONCE + 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_that_go_on_side_by_side_post_each_message_once(venue, receiver, endpoint, now):
    rows = wait(endpoint, 40, now)
    at_once(5, lambda number: delivery.deliver_and_go_on(rows[number].pk, now))
    sweeping.hand_out(now)
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert len(ids) == len(set(ids)) == 40


# -- An endpoint that fails --


def fail(endpoint, now, **ago):
    health.note(endpoint.fresh(), now - timedelta(**ago), error="Answered 500.")


def test_an_endpoint_that_fails_for_days_is_switched_off_and_its_managers_told(endpoint, message, now, olga, gus):
    for hours in range(120, -1, -12):
        fail(endpoint, now, hours=hours)
    row = endpoint.fresh()
    assert (row.is_active, row.off_reason, row.off_at) == (False, "failing", now)
    assert (fresh(message).status, "failed for days" in fresh(message).error) == (Status.FAILED, True)
    warned, off = Notification.objects.filter(template="webhook_failing").order_by("created_at", "pk")
    assert (warned.context["is_off"], off.context["is_off"], {warned.recipient, off.recipient}) == (
        False, True, {olga.email}
    )  # fmt: skip


def test_one_success_in_between_forgets_it_all(endpoint, now):
    for hours in range(120, 0, -12):
        fail(endpoint, now, hours=hours)
    health.note(endpoint.fresh(), now, error="")
    fail(endpoint, now, hours=0)
    assert (endpoint.fresh().is_active, endpoint.row.failures, endpoint.row.failing_since) == (True, 1, now)


def test_a_failure_after_a_long_silence_is_the_first_of_its_kind(endpoint, now):
    for days in (40, 39.5, 39, 38.5, 38, 37.5, 37, 36.5, 36, 35.9):
        fail(endpoint, now, days=days)
    fail(endpoint, now, days=0)
    assert (endpoint.fresh().is_active, endpoint.row.failures) == (True, 1)


def test_few_failures_do_not_switch_off(endpoint, now):
    for hours in range(120, -1, -40):
        fail(endpoint, now, hours=hours)
    assert endpoint.fresh().is_active


def test_the_answer_of_a_former_address_is_not_held_against_the_new_one(receiver, endpoint, message, now):
    receiver.answers = [(410, {}, b"")]
    row = delivery._claim(message.pk, now)
    result = delivery._post(row, now)
    endpoints.change(endpoint.row, by=None, now=now, url=f"http://127.0.0.1:{closed_port()}/")
    delivery._record(row, result, now)
    assert (endpoint.fresh().is_active, endpoint.row.failing_since) == (True, None)
