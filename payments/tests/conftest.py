"""What tests of payments share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import stripe
from django.core.management import call_command
from django.utils import timezone

from orders.models import Order
from payments import charges, gateways, onboarding, refunds
from payments.gateways.sandbox import SandboxGateway
from payments.gateways.stripe import StripeGateway
from payments.models import ConnectedAccount, Payment
from payments.tests.factories import OrderFactory
from payments.tests.stripe_standin import API_KEY, SECRETS, THIN_SECRETS, StripeStandIn


@pytest.fixture
def order(venue: Any) -> Order:
    return OrderFactory(venue=venue)


@pytest.fixture
def pay(order: Order, django_capture_on_commit_callbacks: Any) -> Callable[..., Payment]:
    """Pay the order, or another, and let everything that waits for the commit happen."""

    def start(method: str = "pm_card_visa", *, of: Order | None = None, payer: Any = None) -> Payment:
        with django_capture_on_commit_callbacks(execute=True):
            return charges.start(of or order, payer=payer, payment_method=method, now=timezone.now())

    return start


@pytest.fixture
def use_gateway(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[SandboxGateway]], None]:
    """Let another kind of sandbox answer, one that has its bad days."""
    return lambda kind: monkeypatch.setitem(gateways.PROVIDERS, "sandbox", kind)


@pytest.fixture
def standin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeStandIn]:
    """Stripe, as far as we can tell; new payments go through it."""
    with StripeStandIn() as server:
        settings.PAYMENT_GATEWAY = "stripe"
        settings.STRIPE_SECRET_KEY = API_KEY
        settings.STRIPE_WEBHOOK_SECRETS = SECRETS
        settings.STRIPE_THIN_WEBHOOK_SECRETS = THIN_SECRETS
        settings.STRIPE_API_BASE = server.url
        settings.STRIPE_TIMEOUT_SECONDS = 2
        # The client's pauses between its tries, which a test need not sit through.
        monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
        yield server


@pytest.fixture
def use_stripe(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[StripeGateway]], None]:
    """Let another kind of Stripe gateway answer, one around which things go wrong."""
    return lambda kind: monkeypatch.setitem(gateways.PROVIDERS, "stripe", kind)


@pytest.fixture
def deliver(standin: StripeStandIn, client: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[int]]:
    """Send events to our webhook, in the order given, and act on them; answers the statuses."""

    def send(events: list[dict[str, Any]]) -> list[int]:
        statuses = []
        for event in events:
            raw, headers = standin.signed(event)
            with django_capture_on_commit_callbacks(execute=True):
                answer = client.post(
                    "/api/v1/webhooks/stripe", raw, content_type="application/json; charset=utf-8", headers=headers
                )
            statuses.append(answer.status_code)
        return statuses

    return send


@pytest.fixture
def stripe_recipient(venue: Any, standin: StripeStandIn) -> Callable[..., ConnectedAccount]:
    """A recipient beside the venue, known to Stripe; ready for its share unless it is told otherwise."""

    def make(*, ready: bool = True, currency: str = "USD", name: str = "Taco stand") -> ConnectedAccount:
        account = onboarding.new_account(venue_id=venue.pk, name=name, country="US", currency=currency)
        onboarding.start(account, by=None)
        account.refresh_from_db()
        if ready:
            standin.connect.complete(account.provider_id or "")
            account = onboarding.check(account, timezone.now())
        return account

    return make


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker moves shares; the test does."""
    monkeypatch.setattr("payments.tasks.send_transfers.apply_async", lambda **how: None)
    monkeypatch.setattr("payments.tasks.send_transfers_to.apply_async", lambda **how: None)
    monkeypatch.setattr("payments.tasks.execute_reversals.apply_async", lambda **how: None)


@pytest.fixture
def give_back(django_capture_on_commit_callbacks: Any) -> Callable[[Payment, int], Any]:
    """Refund so much of a payment."""

    def run(payment: Payment, amount: int) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())

    return run


@pytest.fixture
def lines_without_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was bought does not matter here, only who gets the money: nothing is issued or revoked."""
    monkeypatch.setattr("orders.completion.stock.fulfil", lambda order, items, now: None)
    monkeypatch.setattr("orders.completion.stock.revoke", lambda order, items, now: None)


@pytest.fixture
def compare(django_capture_on_commit_callbacks) -> Callable[..., tuple[str, int]]:
    """Run `reconcile_payments`, let what waits for the commit happen; answers what it printed and its exit status."""

    def run(*options: str, since: str = "7d", provider: str = "stripe") -> tuple[str, int]:
        said, status = StringIO(), 0
        with django_capture_on_commit_callbacks(execute=True):
            try:
                call_command("reconcile_payments", "--since", since, "--provider", provider, *options, stdout=said)
            except SystemExit as end:
                status = int(end.code or 0)
        return said.getvalue(), status

    return run
