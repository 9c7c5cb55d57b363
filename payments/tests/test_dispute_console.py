"""The console shows what a bank waits for and until when, and answers it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from payments import dispute_recovery
from payments.gateways import sandbox_disputes
from payments.models import Dispute, Payment, SandboxIntent
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_, buttons_on, press, url

BUTTONS = {"answer", "accept", "refresh", "play-won", "play-lost"}


@pytest.fixture
def dispute(order, pay) -> Dispute:
    pay()
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now())
    found = dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())
    assert found
    return found


def listed(user, **query):
    return list(as_(user).get(url(Dispute, "changelist"), query).context["cl"].result_list)


def test_the_list_shows_the_due_date_and_marks_what_is_urgent(olga, venue, dispute):

    def marks() -> tuple[bool, bool]:
        page = as_(olga).get(url(Dispute, "changelist")).content.decode()
        return bool(re.search(r">\s*soon\s*<", page)), bool(re.search(r">\s*overdue\s*<", page))

    page = as_(olga).get(url(Dispute, "changelist")).content.decode()
    assert f"{dispute.evidence_due_by.astimezone(venue.zone):%b %Y, %H:%M %Z}" in page
    assert marks() == (False, False)
    Dispute.objects.update(evidence_due_by=timezone.now() + timedelta(days=2))
    assert marks() == (True, False)
    Dispute.objects.update(evidence_due_by=timezone.now() - timedelta(minutes=1))
    assert marks() == (False, True)
    Dispute.objects.update(status="under_review")
    assert marks() == (False, False)


def test_what_needs_an_answer_can_be_picked_out(olga, dispute):
    assert listed(olga, answer="needed") == [dispute]
    assert listed(olga, answer="soon") == []
    Dispute.objects.update(evidence_due_by=timezone.now() + timedelta(days=2))
    assert listed(olga, answer="soon") == [dispute]
    Dispute.objects.update(status="under_review")
    assert listed(olga, answer="needed") == []
    assert listed(olga) == [dispute]


def test_the_page_leads_to_the_payment_and_back(olga, dispute):
    page = as_(olga).get(url(Dispute, "change", dispute.pk)).content.decode()
    assert url(Payment, "change", dispute.payment_id) in page
    assert url(type(dispute.payment.payable()), "change", dispute.payment.payable_id) in page
    back = as_(olga).get(url(Payment, "change", dispute.payment_id)).content.decode()
    assert url(Dispute, "change", dispute.pk) in back


def test_evidence_is_sent_by_a_button(olga, dispute):
    assert buttons_on(olga, dispute) == BUTTONS
    assert "The answer was sent" in press(olga, dispute, "answer", text="They danced all night.")
    dispute.refresh_from_db()
    assert (dispute.status, dispute.evidence) == ("under_review", "They danced all night.")
    assert buttons_on(olga, dispute) == BUTTONS - {"answer", "accept"}
    assert "does not wait for an answer" in press(olga, dispute, "answer", text="And sang.")


def test_it_is_given_up_by_a_button_that_says_what_that_costs(olga, dispute):
    asked = as_(olga).get(url(Dispute, "button", dispute.pk, "accept")).content.decode()
    assert "$100.00" in asked
    assert "given up" in press(olga, dispute, "accept")
    dispute.refresh_from_db()
    assert dispute.status == "lost"


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_in_the_sandbox_somebody_plays_the_bank(olga, dispute, outcome):
    press(olga, dispute, f"play-{outcome}")
    dispute.refresh_from_db()
    assert dispute.status == outcome


def test_a_real_bank_is_not_played(olga, dispute):
    Dispute.objects.update(provider="stripe")
    assert buttons_on(olga, dispute) == {"answer", "accept", "refresh"}
    assert "no such dispute in the sandbox" in press(olga, dispute, "play-won")


def test_the_provider_is_asked_by_a_button(olga, dispute):
    sandbox_disputes.decide(sandbox_disputes.dispute_of(dispute.provider_id), "won", timezone.now())
    assert "was asked" in press(olga, dispute, "refresh")
    dispute.refresh_from_db()
    assert dispute.status == "won"


def test_who_may_not_refund_may_look_and_not_answer(venue, dispute, olga):
    clerk = StaffFactory(venue=venue, role="door", extra_permissions=["view_payments"]).user
    assert listed(clerk) == [dispute]
    assert buttons_on(clerk, dispute) == set()
    assert as_(clerk).post(url(Dispute, "button", dispute.pk, "accept")).status_code == 403
