"""Recipients at Stripe: opened, led through its form, and asked about, by both generations of its API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import onboarding
from payments.errors import GatewayRefused, GatewayUnavailable
from payments.models import ConnectedAccount

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(venue, standin):
    return onboarding.new_account(
        venue_id=venue.pk, name="Taco stand", country="US", currency="USD", contact_email="taco@example.com"
    )


def old(account, standin, **how):
    account.provider_id = standin.connect.old_account(**how)
    account.save()
    return account


def test_a_recipient_is_opened_with_the_capability_to_receive_transfers(account, standin, settings):
    settings.FRONTEND_URL = "https://www.example.com/venues?tab=money"
    link = onboarding.start(account, by=None)
    account.refresh_from_db()
    made = standin.connect.accounts[account.provider_id]
    assert (made["display_name"], made["contact_email"], made["dashboard"]) == (
        "Taco stand", "taco@example.com", "express",
    )  # fmt: skip
    assert made["identity"] == {"country": "us"}
    assert made["responsibilities"] == {"fees_collector": "application", "losses_collector": "application"}
    assert made["metadata"] == {"account": str(account.pk), "venue": str(account.venue_id)}
    assert (account.status, account.requirements) == (
        "restricted", ["identity.individual.given_name", "configuration.recipient.default_outbound_destination"],
    )  # fmt: skip
    assert link.url == standin.connect.links[0]["url"]
    assert timedelta(minutes=9) < link.expires_at - timezone.now() <= timedelta(minutes=10)
    assert standin.connect.links[0]["use_case"] == {
        "type": "account_onboarding",
        "account_onboarding": {
            "return_url": "https://www.example.com/venues?tab=money&payouts=returned",
            "refresh_url": "https://www.example.com/venues?tab=money&payouts=expired",
        },
    }


def test_without_an_address_to_write_to_stripe_asks_for_one_itself(account, standin):
    account.contact_email = ""
    onboarding.start(account, by=None)
    assert next(iter(standin.connect.accounts.values()))["contact_email"] is None


def test_asking_again_gives_a_fresh_link_to_the_same_account(account, standin):
    links = set()
    for _ in range(2):
        links.add(onboarding.start(account, by=None).url)
        account.refresh_from_db()
    assert (len(links), len(standin.connect.accounts)) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "times"), [("drop", 3), ("hang", 3), ("500", 1), ("500 after the work", 1), ("429", 1)]
)
def test_an_answer_that_was_lost_opens_no_second_account(account, standin, settings, fault, times):
    settings.STRIPE_TIMEOUT_SECONDS, standin.hang_seconds = 0.3, 0.6
    standin.fail(fault, times, on="POST /v2/core/accounts")
    with pytest.raises(GatewayUnavailable):
        onboarding.start(account, by=None)
    assert ConnectedAccount.objects.get().provider_id is None
    onboarding.start(account, by=None)
    assert list(standin.connect.accounts) == [ConnectedAccount.objects.get().provider_id]


def test_what_stripe_does_not_accept_is_said_in_its_words(account, standin):
    account.country = ""
    with pytest.raises(GatewayRefused, match="country"):
        onboarding.start(account, by=None)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("active", "ready"), ("pending", "restricted"), ("restricted", "restricted"), ("rejected", "disabled"),
        ("unsupported", "disabled"), ("something new", "restricted"),
    ],
)  # fmt: skip
def test_the_capability_decides_how_a_recipient_stands(account, standin, theirs, ours):
    onboarding.start(account, by=None)
    account.refresh_from_db()
    standin.connect.complete(account.provider_id, theirs)
    found = onboarding.refresh(account, timezone.now())
    assert found.status == ours
    assert bool(found.requirements) == (theirs != "active")


def test_a_capability_that_nobody_asked_for_is_not_ready(account, standin, monkeypatch):
    onboarding.start(account, by=None)
    account.refresh_from_db()
    show = standin.connect.shown

    def without(made, params):
        answer = show(made, params)
        answer["configuration"] = {"recipient": None}
        return answer

    monkeypatch.setattr(standin.connect, "shown", without)
    assert onboarding.refresh(account, timezone.now()).status == "restricted"


def test_a_closed_account_and_one_that_is_gone_are_disabled(account, standin):
    onboarding.start(account, by=None)
    account.refresh_from_db()
    standin.connect.accounts[account.provider_id]["closed"] = True
    assert onboarding.refresh(account, timezone.now()).status == "disabled"
    standin.connect.accounts.clear()
    assert onboarding.refresh(account, timezone.now()).status == "disabled"


def test_while_stripe_is_silent_the_standing_is_what_was_last_known(stripe_recipient, standin):
    account = stripe_recipient()
    standin.fail("429")
    assert onboarding.refresh(account, timezone.now()).status == "ready"


def test_an_answer_that_was_asked_for_earlier_comes_too_late_to_count(stripe_recipient, standin):
    account = stripe_recipient(ready=False)
    earlier = timezone.now()
    standin.connect.complete(account.provider_id)
    assert onboarding.check(account, earlier + timedelta(seconds=1)).status == "ready"
    standin.connect.complete(account.provider_id, "restricted")
    assert onboarding.check(account, earlier).status == "ready"
    assert onboarding.check(account, earlier + timedelta(seconds=2)).status == "restricted"


@pytest.mark.parametrize(("able", "ours"), [(True, "ready"), (False, "restricted")])
def test_an_account_of_the_first_generation_goes_on_through_its_api(account, standin, able, ours):
    account = old(account, standin, able=able)
    found = onboarding.refresh(account, timezone.now())
    assert (found.status, found.requirements) == (ours, [] if able else ["external_account"])
    link = onboarding.start(account, by=None)
    assert (len(standin.connect.accounts), link.url) == (0, standin.connect.links[0]["url"])
    assert timedelta(minutes=4) < link.expires_at - timezone.now() <= timedelta(minutes=5)


def test_an_old_account_that_stripe_rejected_is_disabled(account, standin):
    account = old(account, standin)
    standin.connect.complete(account.provider_id, "rejected")
    assert onboarding.refresh(account, timezone.now()).status == "disabled"


def test_an_old_account_that_took_our_access_away_is_disabled(account, standin):
    account = old(account, standin, able=True)
    standin.connect.gone.add(account.provider_id)
    assert onboarding.refresh(account, timezone.now()).status == "disabled"
    with pytest.raises(GatewayRefused, match="no access"):
        onboarding.start(account, by=None)


def test_a_key_that_is_refused_disables_nobody(stripe_recipient, standin):
    account = stripe_recipient()
    standin.fail("401")
    assert onboarding.refresh(account, timezone.now()).status == "ready"
