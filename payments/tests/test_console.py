"""The console asks again for refunds that failed, and acts again on webhooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from orders.models import Order
from payments.gateways.sandbox import SandboxGateway
from payments.models import (
    Payment,
    ReconciliationFinding,
    ReconciliationRun,
    Refund,
    SandboxIntent,
    SandboxRefund,
    WebhookEvent,
)
from ticketing.models import TicketType
from trufan.lib.ids import uuid7
from trufan.tests.console_client import as_, buttons_on, press, url
from trufan.tests.console_rows import sale_of


@pytest.fixture
def refund(ticket_type: TicketType, fay: User) -> Refund:
    """A refund that the provider refused."""
    row: Refund = sale_of(ticket_type, fay, "Fay")[Refund]
    return row


@pytest.fixture
def webhook(db: Any) -> WebhookEvent:
    return WebhookEvent.objects.create(
        provider="sandbox", provider_id="evt_1", type="payment.succeeded", payload={"said": "something"},
        next_attempt_at=timezone.now(),
    )  # fmt: skip


def test_a_failed_refund_is_asked_for_again(olga: User, refund: Refund) -> None:
    assert buttons_on(olga, refund) == {"retry"}
    assert "under way again" in press(olga, refund, "retry")
    refund.refresh_from_db()
    assert (refund.status, refund.round) == ("pending", 2)
    assert AuditLog.objects.get(action="refund.retried").actor == olga


def test_a_refund_that_succeeded_is_not_asked_for_again(olga: User, refund: Refund) -> None:
    Refund.objects.filter(pk=refund.pk).update(status="succeeded")
    assert buttons_on(olga, refund) == set()
    assert "cannot become pending" in press(olga, refund, "retry")


def test_a_webhook_is_acted_on_again(ada: User, webhook: WebhookEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("payments.webhooks._act", lambda event, now: told.append(event.pk))
    WebhookEvent.objects.filter(pk=webhook.pk).update(processed_at=timezone.now())
    assert "was acted on" in press(ada, webhook, "replay")
    webhook.refresh_from_db()
    assert told == [webhook.pk]
    assert webhook.processed_at is not None
    assert AuditLog.objects.get(action="webhook.replayed").actor == ada


def test_a_webhook_that_fails_again_says_so(ada: User, webhook: WebhookEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("no sense in it")

    monkeypatch.setattr(SandboxGateway, "parse_event", broken)
    assert "failed again" in press(ada, webhook, "replay")
    webhook.refresh_from_db()
    assert webhook.processed_at is None
    assert "no sense in it" in webhook.error


def test_webhooks_are_for_super_admins(olga: User, webhook: WebhookEvent) -> None:
    assert as_(olga).get(url(WebhookEvent, "changelist")).status_code == 403
    assert as_(olga).post(url(WebhookEvent, "button", webhook.pk, "replay")).status_code in (302, 403)
    webhook.refresh_from_db()
    assert webhook.attempts == 0


def test_what_opens_a_payment_is_shown_to_nobody(ada: User, ticket_type: TicketType, fay: User) -> None:
    payment = sale_of(ticket_type, fay, "Fay")[Payment]
    Payment.objects.filter(pk=payment.pk).update(client_secret="pi_secret_123")
    page = as_(ada).get(url(Payment, "change", payment.pk)).content.decode()
    assert "$50.00" in page
    assert "pi_secret_123" not in page


# --- Reconciliation ---


@pytest.fixture
def rows(ticket_type: TicketType, fay: User) -> dict[Any, Any]:
    return sale_of(ticket_type, fay, "Fay")


def test_one_payment_is_asked_about_by_its_venues_staff(olga: User, order: Any, pay: Any) -> None:
    payment = pay("pm_sandbox_late")
    SandboxIntent.objects.update(status="succeeded", webhook_due_at=None)
    assert "was asked about" in press(olga, payment, "ask-again")
    order.refresh_from_db()
    assert order.status == "paid"
    assert AuditLog.objects.get(action="payment.reconciled").actor == olga


def test_a_payments_page_leads_to_its_order_and_its_differences(olga: User, rows: dict[Any, Any]) -> None:
    payment, finding = rows[Payment], rows[ReconciliationFinding]
    page = as_(olga).get(url(Payment, "change", payment.pk)).content.decode()
    assert url(Order, "change", payment.payable_id) in page
    assert url(ReconciliationFinding, "change", finding.pk) in page
    page = as_(olga).get(url(ReconciliationFinding, "change", finding.pk)).content.decode()
    assert url(Payment, "change", payment.pk) in page
    assert url(Order, "change", payment.payable_id) in page


def test_a_difference_is_closed_with_a_reason(olga: User, gus: User, rows: dict[Any, Any]) -> None:
    finding = rows[ReconciliationFinding]
    assert buttons_on(olga, finding) == {"resolve"}
    assert "Closed" in press(olga, finding, "resolve", reason="The bank's fee")
    finding.refresh_from_db()
    assert (finding.resolved_by, finding.note) == (olga, "The bank's fee")
    assert "resolved already" in press(olga, finding, "resolve", reason="Again")
    assert as_(gus).get(url(ReconciliationFinding, "changelist")).status_code == 403


def test_a_refund_made_by_hand_is_booked_from_its_difference(olga: User, order: Any, pay: Any) -> None:
    payment = pay()
    made = SandboxRefund.objects.create(
        key=f"refund-{uuid7()}-1", intent=SandboxIntent.objects.get(), amount=2_500, status="succeeded"
    )
    assert "was asked about" in press(olga, payment, "ask-again")
    finding = ReconciliationFinding.objects.get(reference=made.provider_id)
    assert buttons_on(olga, finding) == {"adopt", "resolve"}
    assert "stands in our books" in press(olga, finding, "adopt")
    order.refresh_from_db()
    assert order.amount_refunded == 2_500
    assert buttons_on(olga, finding) == set()


def test_a_whole_comparison_is_for_super_admins(olga: User, ada: User, order: Any, pay: Any) -> None:
    run = ReconciliationRun.objects.create(
        provider="sandbox", since=timezone.now() - timedelta(days=1), finished_at=timezone.now()
    )
    pay()
    assert as_(olga).get(url(ReconciliationRun, "changelist")).status_code == 403
    assert as_(olga).post(url(ReconciliationRun, "button", run.pk, "again")).status_code in (302, 403)
    assert ReconciliationRun.objects.count() == 1
    assert "under way" in press(ada, run, "again")
    new = ReconciliationRun.objects.exclude(pk=run.pk).get()
    assert (new.requested_by, new.since, new.checked) == (ada, run.since, 1)


def test_a_comparison_begins_on_a_day_that_is_said(olga: User, ada: User, order: Any, pay: Any) -> None:
    run = ReconciliationRun.objects.create(
        provider="sandbox", since=timezone.now() - timedelta(days=1), finished_at=timezone.now()
    )
    pay()
    day = (timezone.now() - timedelta(days=5)).astimezone(UTC).date()
    assert as_(olga).post(url(ReconciliationRun, "button", run.pk, "since"), {"day": day}).status_code in (302, 403)
    for wrong in (day + timedelta(days=9), day - timedelta(days=400)):
        assert (
            "Within the last"
            in as_(ada).post(url(ReconciliationRun, "button", run.pk, "since"), {"day": wrong}).content.decode()
        )
    assert ReconciliationRun.objects.count() == 1
    as_(ada).post(url(ReconciliationRun, "button", run.pk, "since"), {"day": day})
    new = ReconciliationRun.objects.exclude(pk=run.pk).get()
    assert (new.requested_by, new.since) == (ada, datetime(day.year, day.month, day.day, tzinfo=UTC))
