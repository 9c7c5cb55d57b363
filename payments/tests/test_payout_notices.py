"""Who manages a venue's payouts hears when the provider wants to know more, and only then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from payments import onboarding
from payments.gateways.base import AccountOutcome
from payments.models import ConnectedAccount

Status = ConnectedAccount.Status


@pytest.fixture
def account(venue) -> ConnectedAccount:
    return onboarding.new_account(venue_id=venue.pk, name="Garden Arena Ltd", country="US", currency="USD")


def answer(account, *wants, after=0, status=Status.READY):
    """What the provider says so many minutes later."""
    outcome = AccountOutcome("acct_1", status, tuple(wants))
    return onboarding.settle(account.pk, outcome, timezone.now() + timedelta(minutes=after))


def told() -> list[str]:
    return list(Notification.objects.filter(template="payout_account_needs").values_list("recipient", flat=True))


def test_what_is_newly_wanted_is_told_once(account, olga, stan, gus):
    answer(account)
    assert told() == []
    answer(account, "owner.date_of_birth", after=1)
    assert told() == [olga.email]
    said = Notification.objects.get().context
    assert said["wants"] == ["owner: date of birth"]
    assert str(account.pk) in said["console_url"]
    answer(account, "owner.date_of_birth", after=2)
    assert len(told()) == 1
    answer(account, after=3)
    assert len(told()) == 1
    answer(account, "bank_account", after=4)
    assert len(told()) == 2


def test_opening_an_account_is_no_news(account, olga):
    onboarding.settle(account.pk, AccountOutcome("acct_1", Status.PENDING, ("everything",)), None)
    assert told() == []
