"""A venue's managers run its webhooks through the API, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks import addresses, endpoints
from notifications.webhooks.tests.receiver import receiving

pytestmark = pytest.mark.django_db
#: A public address, so that no name server is asked.
URL = "https://93.184.215.14/trufan"


@pytest.fixture
def url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/webhook-endpoints"


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    with receiving() as one:
        yield one


@pytest.fixture
def endpoint(venue, receiver) -> WebhookEndpoint:
    return endpoints.add(venue.pk, url=receiver.url, by=None)[0]


def write(endpoint, count=1, **fields):
    rows = [
        WebhookMessage(endpoint=endpoint, type="order.paid", body="{}", next_attempt_at=timezone.now(), **fields)
        for _ in range(count)
    ]
    return WebhookMessage.objects.bulk_create(rows)


def test_an_endpoint_is_added_with_a_secret_that_is_shown_once(api, url, olga):
    made = api.as_(olga).post(url, {"url": URL, "event_types": ["ticket.issued", "order.paid"]})
    assert made.status_code == 201, made.json()
    shown = made.json()
    assert shown.pop("secret").startswith("whsec_")
    assert (shown["event_types"], shown["status"]) == (["order.paid", "ticket.issued"], "active")
    assert api.as_(olga).get(f"{url}/{shown['id']}").json() == shown
    assert api.as_(olga).get(url).json()["results"] == [shown]


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({}, "url", "required"),
        ({"url": "http://93.184.215.14/"}, "url", "address_refused"),
        ({"url": "https://169.254.169.254/latest"}, "url", "address_refused"),
        ({"url": "https://localhost/"}, "url", "address_refused"),
        ({"url": URL, "event_types": ["order.eaten"]}, "event_types", "unknown_event_type"),
        ({"url": URL, "description": "a" * 201}, "description", "max_length"),
    ],
)
def test_what_is_wrong_with_it_is_told_by_field(api, url, olga, asked, field, code):
    answer = api.as_(olga).post(url, asked)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [(field, code)]
    assert not WebhookEndpoint.objects.exists()


def test_an_address_is_looked_up_outside_of_any_transaction(api, url, olga, monkeypatch):
    depths = []
    monkeypatch.setattr(addresses, "look_up", lambda target: depths.append(len(connection.savepoint_ids)))
    outside = len(connection.savepoint_ids)
    for key in ({}, {"HTTP_IDEMPOTENCY_KEY": "k-1"}):
        made = api.as_(olga).post(url, {"url": "https://hooks.example.com/"}, **key)
        api.as_(olga).patch(f"{url}/{made.json()['id']}", {"url": "https://hooks.example.com/2"})
    assert depths == [outside] * 4


def test_the_same_request_again_adds_nothing_and_tells_the_secret_to_its_caller_alone(api, url, olga):
    first, second = (api.as_(olga).post(url, {"url": URL}, HTTP_IDEMPOTENCY_KEY="k-1") for _ in range(2))
    assert first.json() == second.json()
    assert WebhookEndpoint.objects.count() == 1


def test_the_twenty_first_is_refused(api, url, olga, venue):
    for _ in range(20):
        endpoints.add(venue.pk, url=URL, by=None)
    answer = api.as_(olga).post(url, {"url": URL})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_webhook_endpoints")


def test_it_is_changed_switched_and_removed(api, url, olga, endpoint):
    row, me = f"{url}/{endpoint.pk}", api.as_(olga)
    assert me.patch(row, {"description": "Stock"}).json()["description"] == "Stock"
    off = me.patch(row, {"is_active": False}).json()
    assert (off["status"], off["off_reason"]) == ("off", "by_staff")
    assert me.post(f"{row}/ping").json()["error"]["code"] == "webhook_endpoint_off"
    assert me.patch(row, {"is_active": True}).json()["status"] == "active"
    assert me.delete(row).status_code == 204
    assert [me.get(row).status_code, me.delete(row).status_code, me.get(url).json()["count"]] == [404, 404, 0]


def test_a_rotated_secret_signs_with_the_former_one(
    api, url, olga, endpoint, receiver, django_capture_on_commit_callbacks
):
    rotated = api.as_(olga).post(f"{url}/{endpoint.pk}/rotate-secret").json()
    assert rotated["former_secret_until"] is not None
    with django_capture_on_commit_callbacks(execute=True):
        pinged = api.as_(olga).post(f"{url}/{endpoint.pk}/ping")
    assert pinged.status_code == 201
    [request] = receiver.received
    assert request.headers["webhook-id"] == pinged.json()["message_id"]
    assert len(request.headers["webhook-signature"].split()) == 2
    Webhook(rotated["secret"]).verify(request.body, request.headers)


def test_messages_are_listed_shown_with_their_attempts_and_sent_again(
    api, url, olga, endpoint, receiver, django_capture_on_commit_callbacks
):
    [row] = write(endpoint, status="failed", error="Answered 500.")
    WebhookAttempt.objects.create(message=row, number=1, duration_ms=12, status_code=500, answer="oh", error="x")
    address = f"{url}/{endpoint.pk}/messages"
    listed = api.as_(olga).get(address, {"status": "failed", "type": "order.paid"}).json()["results"]
    assert [(each["id"], each["status"], each["next_attempt_at"]) for each in listed] == [(str(row.pk), "failed", None)]
    shown = api.as_(olga).get(f"{address}/{row.pk}").json()
    assert (shown["body"], shown["tries"][0]["answer"], shown["tries"][0]["status_code"]) == ("{}", "oh", 500)
    with django_capture_on_commit_callbacks(execute=True):
        again = api.as_(olga).post(f"{address}/{row.pk}/replay")
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert api.as_(olga).get(f"{address}/{row.pk}").json()["status"] == "delivered"
    WebhookMessage.objects.update(status="sending")
    busy = api.as_(olga).post(f"{address}/{row.pk}/replay")
    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "webhook_message_sending")


def test_all_that_failed_is_sent_again_since_then(api, url, olga, endpoint):
    write(endpoint, 3, status="failed")
    write(endpoint, 2, status="failed", created_at=timezone.now() - timedelta(days=2))
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert api.as_(olga).post(f"{url}/{endpoint.pk}/replay", {"since": since}).json() == {"messages": 3}
    assert api.as_(olga).post(f"{url}/{endpoint.pk}/replay", {}).status_code == 422


@pytest.mark.parametrize("who", ["stan", "gus", "fay", None])
def test_nobody_else_reads_or_does_any_of_it(api, url, endpoint, request, who):
    caller = api.as_(request.getfixturevalue(who) if who else None)
    [row] = write(endpoint)
    one = f"{url}/{endpoint.pk}"
    answers = [
        caller.get(url), caller.post(url, {"url": URL}), caller.get(one), caller.patch(one, {"is_active": False}),
        caller.delete(one), caller.post(f"{one}/rotate-secret"), caller.post(f"{one}/ping"),
        caller.post(f"{one}/replay", {"since": "2026-01-01T00:00:00Z"}), caller.get(f"{one}/messages"),
        caller.get(f"{one}/messages/{row.pk}"), caller.post(f"{one}/messages/{row.pk}/replay"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {403 if who else 401}
    assert (WebhookEndpoint.objects.get().updated_at, WebhookMessage.objects.count()) == (endpoint.updated_at, 1)


def test_under_ones_own_venue_there_is_nothing_of_another(api, other_venue, stan, endpoint):
    [row] = write(endpoint)
    one = f"/api/v1/venues/{other_venue.pk}/webhook-endpoints/{endpoint.pk}"
    me = api.as_(stan)
    answers = [
        me.get(one), me.patch(one, {"is_active": False}), me.delete(one), me.post(f"{one}/rotate-secret"),
        me.post(f"{one}/ping"), me.post(f"{one}/replay", {"since": "2026-01-01T00:00:00Z"}),
        me.get(f"{one}/messages"), me.get(f"{one}/messages/{row.pk}"), me.post(f"{one}/messages/{row.pk}/replay"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    mine = endpoints.add(other_venue.pk, url="https://93.184.215.14/", by=None)[0]
    own = f"/api/v1/venues/{other_venue.pk}/webhook-endpoints/{mine.pk}/messages/{row.pk}"
    assert me.get(own).status_code == me.post(f"{own}/replay").status_code == 404


def test_lists_cost_the_same_however_long(api, url, olga, venue, endpoint, django_assert_num_queries):
    def ask():
        me = api.as_(type(olga).objects.get(pk=olga.pk))
        with django_assert_num_queries(4):  # venue, rights, count, page
            assert me.get(url).status_code == 200
        with django_assert_num_queries(4):  # venue, endpoint, count, page
            assert me.get(f"{url}/{endpoint.pk}/messages").status_code == 200

    write(endpoint, 1)
    ask()
    write(endpoint, 30)
    for _ in range(15):
        endpoints.add(venue.pk, url=endpoint.url, by=None)
    ask()


def test_anyone_signed_in_may_read_what_can_be_told(api, fay):
    shown = api.as_(fay).get("/api/v1/webhook-event-types").json()
    names = [each["name"] for each in shown]
    assert names == sorted(names) and "ping" not in names
    assert {"order.paid", "ticket.scanned", "parking.session_ended", "dispute.opened"} <= set(names)
    assert all(each["description"].endswith(".") and each["example"]["venue_id"] for each in shown)
    assert api.get("/api/v1/webhook-event-types").status_code == 401
