"""The console's pages of webhooks, as a manager uses them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from standardwebhooks import Webhook

from notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks import addresses, delivery
from trufan.tests.console_client import as_, buttons_on, press, url

ADD = url(WebhookEndpoint, "add")
URL = "https://93.184.215.14/trufan"


def save(user, address, **fields):
    response = as_(user).post(address, {"is_active": "on", **fields})
    return response, [str(each) for each in get_messages(response.wsgi_request)]


def test_a_manager_adds_an_endpoint_and_sees_its_secret_once(venue, olga):
    response, said = save(olga, ADD, venue_id=venue.pk, url=URL, event_types=["order.paid", "ticket.issued"])
    assert response.status_code == 302, response.context["adminform"].form.errors
    row = WebhookEndpoint.objects.get()
    assert (row.venue_id, row.event_types, row.is_active) == (venue.pk, ["order.paid", "ticket.issued"], True)
    [secret] = [each.split()[-1] for each in said if "whsec_" in each]
    assert secret not in as_(olga).get(url(WebhookEndpoint, "change", row.pk)).content.decode()


def test_an_address_that_must_not_be_is_refused_at_its_field(venue, olga):
    for wrong in ("https://10.0.0.1/", "http://93.184.215.14/", "https://localhost/"):
        response, _ = save(olga, ADD, venue_id=venue.pk, url=wrong)
        assert response.status_code == 200
        assert "url" in response.context["adminform"].form.errors
    assert not WebhookEndpoint.objects.exists()


def test_it_is_looked_up_before_the_transaction_of_the_page(venue, olga, monkeypatch):
    depths = []
    monkeypatch.setattr(addresses, "look_up", lambda target: depths.append(len(connection.savepoint_ids)))
    outside = len(connection.savepoint_ids)
    save(olga, ADD, venue_id=venue.pk, url="https://hooks.example.com/")
    row = WebhookEndpoint.objects.get()
    save(olga, url(WebhookEndpoint, "change", row.pk), url="https://hooks.example.com/", description="Stock")
    save(olga, url(WebhookEndpoint, "change", row.pk), url="https://hooks.example.com/2")
    row.refresh_from_db()
    assert (depths, row.url, row.description) == ([outside] * 2, "https://hooks.example.com/2", "")


@pytest.mark.parametrize("who", ["stan", "gus"])
def test_nobody_adds_one_to_a_venue_they_do_not_manage(venue, request, who):
    response, _ = save(request.getfixturevalue(who), ADD, venue_id=venue.pk, url=URL)
    assert response.status_code in (200, 403)
    assert not WebhookEndpoint.objects.exists()


def test_nobody_has_a_name_looked_up_who_may_not_add(venue, gus, monkeypatch):
    monkeypatch.setattr(addresses, "look_up", lambda target: pytest.fail("looked up"))
    save(gus, ADD, venue_id=venue.pk, url="https://hooks.example.com/")


def test_it_is_switched_off_and_on_by_its_form(endpoint, olga):
    address = url(WebhookEndpoint, "change", endpoint.row.pk)
    as_(olga).post(address, {"url": endpoint.row.url})
    assert (endpoint.fresh().is_active, endpoint.row.off_reason) == (False, "by_staff")
    assert buttons_on(olga, endpoint.row) == {"rotate", "remove"}
    save(olga, address, url=endpoint.row.url)
    assert endpoint.fresh().is_active
    assert buttons_on(olga, endpoint.row) == {"ping", "replay", "rotate", "remove"}


def test_it_is_tried(endpoint, olga, receiver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert "on its way" in press(olga, endpoint.row, "ping")
    assert len(receiver.received) == 1
    assert "ping" in as_(olga).get(url(WebhookEndpoint, "change", endpoint.row.pk)).content.decode()


def test_its_secret_is_rotated_and_shown_once(endpoint, olga, message, receiver, now):
    said = press(olga, endpoint.row, "rotate")
    delivery.deliver(message.pk, now)
    Webhook(said.split()[-1]).verify(receiver.received[0].body, receiver.received[0].headers)


def test_what_failed_is_sent_again_from_its_page_and_all_at_once(
    endpoint, message, olga, receiver, now, django_capture_on_commit_callbacks
):
    WebhookMessage.objects.update(status="failed", error="Answered 500.")
    with django_capture_on_commit_callbacks(execute=True):
        press(olga, message, "replay")
    assert len(receiver.received) == 1
    WebhookMessage.objects.update(status="failed")
    assert press(olga, endpoint.row, "replay", hours=24) == "Messages that are sent again: 1."
    WebhookMessage.objects.update(status="failed", created_at=now - timedelta(hours=25))
    assert press(olga, endpoint.row, "replay", hours=24) == "Messages that are sent again: 0."


def test_removed_it_is_gone_and_its_messages_still_tell_of_it(endpoint, message, olga):
    assert press(olga, endpoint.row, "remove") == "The endpoint is removed."
    listed = as_(olga).get(url(WebhookEndpoint, "changelist")).content.decode()
    assert endpoint.row.url not in listed
    page = as_(olga).get(url(WebhookMessage, "change", message.pk))
    assert "(removed)" in page.content.decode()
    assert buttons_on(olga, message) == set()


def test_every_attempt_is_shown_and_an_answer_is_words_not_html(endpoint, message, olga, receiver, now):
    receiver.answers = [(500, {}, b"<script>alert(1)</script>")]
    delivery.deliver(message.pk, now)
    assert WebhookAttempt.objects.count() == 1
    page = as_(olga).get(url(WebhookMessage, "change", message.pk)).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    assert "Answered 500." in page


def test_a_message_is_found_by_the_id_that_its_receiver_saw(endpoint, message, olga, stan):
    address = url(WebhookMessage, "changelist")
    assert message in as_(olga).get(address, {"q": message.message_id}).context["cl"].result_list
    assert not as_(stan).get(address, {"q": message.message_id}).context["cl"].result_list
    narrowed = as_(olga).get(address, {"endpoint": str(endpoint.row.pk), "type": "order.paid"})
    assert list(narrowed.context["cl"].result_list) == [message]
    assert not as_(olga).get(address, {"type": "ping"}).context["cl"].result_list
