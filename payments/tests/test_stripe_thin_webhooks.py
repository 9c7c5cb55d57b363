"""How Stripe tells of recipients: events that only name them, under secrets of their own, and those of old accounts."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from payments import webhooks
from payments.models import ConnectedAccount, WebhookEvent
from payments.tests.stripe_standin import SECRETS, THIN_SECRETS

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhooks/stripe/thin"
THIN = THIN_SECRETS[-1]


@pytest.fixture
def account(stripe_recipient):
    return stripe_recipient(ready=False)


@pytest.fixture
def post(client):
    def send(raw, headers):
        return client.post(URL, raw, content_type="application/json", headers=headers).status_code

    return send


@pytest.fixture
def tell(standin, post, django_capture_on_commit_callbacks):
    """Deliver thin events in this order, and act on them; answers the statuses."""

    def send(*events):
        statuses = []
        for event in events:
            with django_capture_on_commit_callbacks(execute=True):
                statuses.append(post(*standin.signed(event, THIN)))
        return statuses

    return send


def status():
    return ConnectedAccount.objects.get().status


def test_an_event_makes_us_ask_how_the_account_stands(account, standin, tell):
    assert tell(standin.connect.complete(account.provider_id)) == [200]
    event = WebhookEvent.objects.get()
    assert (status(), event.provider, event.error, event.payment) == ("ready", "stripe", "", None)
    assert event.processed_at


@pytest.mark.parametrize("secret", THIN_SECRETS)
def test_every_live_secret_is_good(account, standin, post, secret):
    assert post(*standin.signed(standin.connect.complete(account.provider_id), secret)) == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda standin, event: standin.signed(event, "whsec_retired"),
        lambda standin, event: standin.signed(event, SECRETS[-1]),
        lambda standin, event: standin.signed(event, THIN, time.time() - 301),
        lambda standin, event: (standin.signed(event, THIN)[0] + b" ", standin.signed(event, THIN)[1]),
        lambda standin, event: (standin.signed(event, THIN)[0], {}),
        lambda standin, event: (standin.signed(event, THIN)[0], {"Stripe-Signature": "t=1,v1="}),
        lambda standin, event: (b"\xff\xfe", standin.signed(event, THIN)[1]),
        lambda standin, event: standin.signed(b"this is no JSON", THIN),
        lambda standin, event: standin.signed(b"[]", THIN),
        lambda standin, event: standin.signed(b"null", THIN),
        lambda standin, event: standin.signed(b"[" * 100_000, THIN),
        lambda standin, event: standin.signed({**event, "object": "event"}, THIN),
        lambda standin, event: standin.signed({**event, "object": None}, THIN),
        lambda standin, event: standin.signed({**event, "related_object": None}, THIN),
        lambda standin, event: standin.signed({**event, "related_object": "acct_1"}, THIN),
        lambda standin, event: standin.signed({**event, "reason": "because"}, THIN),
        lambda standin, event: standin.signed({**event, "id": 7}, THIN),
        lambda standin, event: standin.signed({**event, "id": "evt_" + "1" * 200}, THIN),
        lambda standin, event: standin.signed({**event, "type": "v" * 81}, THIN),
        lambda standin, event: standin.signed({**event, "padding": "x" * webhooks.MAX_BYTES}, THIN),
    ],
    ids=(
        "secret others-secret age bytes unsigned empty binary text list null deep snapshot nameless hollow odd "
        "reason number long long-type large"
    ).split(),
)
def test_what_cannot_be_believed_or_read_gets_400_and_leaves_no_row(account, standin, post, spoil):
    assert post(*spoil(standin, standin.connect.complete(account.provider_id))) == 400
    assert not WebhookEvent.objects.exists()


def test_without_a_key_nobody_listens(account, standin, post, settings):
    message = standin.signed(standin.connect.complete(account.provider_id), THIN)
    settings.STRIPE_SECRET_KEY = ""
    assert post(*message) == 404


def test_without_a_secret_nobody_is_believed(account, standin, post, settings):
    settings.STRIPE_THIN_WEBHOOK_SECRETS = []
    assert post(*standin.signed(standin.connect.complete(account.provider_id), "")) == 400


def test_the_answer_comes_before_the_work(account, standin, post):
    asked = len(standin.requests)
    assert post(*standin.signed(standin.connect.complete(account.provider_id), THIN)) == 200
    assert len(standin.requests) == asked
    assert WebhookEvent.objects.get().processed_at is None


def test_twice_and_in_every_order_it_comes_to_the_same_end(account, standin, tell):
    known = account.provider_id
    events = [standin.connect.complete(known, each) for each in ("pending", "restricted", "active")]
    for number, row in enumerate(permutations(events)):
        again = [{**event, "id": f"{event['id']}-{number}"} for event in row]
        assert tell(*again, *again) == [200] * 6
        assert status() == "ready"
    assert WebhookEvent.objects.count() == 18
    assert not WebhookEvent.objects.filter(processed_at=None).exists()


def test_while_stripe_is_silent_the_event_waits(account, standin, tell):
    standin.fail("429")
    assert tell(standin.connect.complete(account.provider_id)) == [200]
    waiting = WebhookEvent.objects.get()
    assert (status(), waiting.processed_at) == ("restricted", None)
    assert "GatewayUnavailable" in waiting.error
    assert webhooks.process_due(timezone.now() + timedelta(minutes=1)) == 1
    assert status() == "ready"


@pytest.mark.parametrize(
    "change",
    [
        {
            "related_object": {
                "id": "acct_stranger",
                "type": "v2.core.account",
                "url": "/v2/core/accounts/acct_stranger",
            }
        },
        {"type": "v2.core.event_destination.ping", "related_object": {"id": "ed_1", "type": "ed", "url": "/v2/e/ed_1"}},
        {"type": "v2.core.account_link.returned", "related_object": None},
        {"type": "v9.core.unheard_of", "related_object": None},
    ],
    ids="stranger ping returned unknown".split(),
)
def test_what_is_no_concern_of_ours_is_kept_and_nothing_follows(account, standin, tell, change):
    event = standin.connect.complete(account.provider_id) | change
    asked = len(standin.requests)
    assert tell(event) == [200]
    assert WebhookEvent.objects.get().processed_at
    assert (len(standin.requests), status()) == (asked, "restricted")


def test_an_old_account_is_told_of_by_the_other_endpoint_and_nothing_personal_is_kept(account, standin, deliver):
    account.provider_id = standin.connect.old_account()
    account.save()
    event = standin.connect.complete(account.provider_id)
    event["data"]["previous_attributes"] = {"individual": {"first_name": "Faye"}}
    assert deliver([event, event]) == [200, 200]
    assert status() == "ready"
    kept = WebhookEvent.objects.get().payload
    assert kept["data"] == {"object": {"id": account.provider_id, "object": "account"}}
    assert "Fay" not in json.dumps(kept)
