"""A venue gets its money through Stripe: from the first link to the share that waited, by API and by console."""

from __future__ import annotations

import pytest

from payments.models import ConnectedAccount, Transfer
from payments.tests.sharing import order_of
from payments.tests.stripe_standin import THIN_SECRETS
from trufan.tests.console_client import buttons_on, press
from venues import payouts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


@pytest.fixture
def told(client, standin, django_capture_on_commit_callbacks):
    def send(event):
        raw, headers = standin.signed(event, THIN_SECRETS[-1])
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(
                "/api/v1/webhooks/stripe/thin", raw, content_type="application/json", headers=headers
            ).status_code

    return send


def test_what_a_venue_waited_for_is_sent_once_stripe_says_that_it_is_ready(api, venue, olga, pay, standin, told):
    address = f"/api/v1/venues/{venue.pk}/payouts"
    pay(of=order_of(venue, [(payouts.account_of(venue), 3_000, 300)]))
    assert Transfer.objects.get().status == "owed"
    caller = api.as_(olga)
    link = caller.post(f"{address}/onboarding")
    assert (link.status_code, link.json()["url"]) == (200, standin.connect.links[0]["url"])
    assert caller.get(address).json()["status"] == "restricted"
    account = ConnectedAccount.objects.get()
    assert told(standin.connect.complete(account.provider_id)) == 200
    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.amount_sent) == ("sent", 2_700)
    assert list(standin.connect.transfers) == [transfer.provider_id]
    shown = caller.get(address).json()
    assert (shown["status"], shown["requirements"]) == ("ready", [])


def test_the_venues_own_address_is_whom_stripe_writes_to(api, venue, olga, standin):
    payouts.account_of(venue)
    venue.contact_email = "office@garden.example"
    venue.save()
    api.as_(olga).post(f"/api/v1/venues/{venue.pk}/payouts/onboarding")
    assert next(iter(standin.connect.accounts.values()))["contact_email"] == "office@garden.example"


def test_stripes_refusal_and_silence_reach_the_caller(api, venue, olga, standin):
    standin.fail("429")
    address = f"/api/v1/venues/{venue.pk}/payouts/onboarding"
    answer = api.as_(olga).post(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "gateway_unavailable")
    ConnectedAccount.objects.update(country="")
    answer = api.as_(olga).post(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "payment_refused")


def test_the_console_gives_the_link_and_asks_stripe_on_demand(venue, olga, standin):
    account = payouts.account_of(venue)
    assert "connect.stripe.example.com/setup/" in press(olga, account, "onboard")
    account.refresh_from_db()
    assert buttons_on(olga, account) == {"onboard", "refresh"}
    standin.connect.complete(account.provider_id)
    assert "was asked" in press(olga, account, "refresh")
    account.refresh_from_db()
    assert account.status == "ready"
