"""What goes wrong between us and a provider while shares move. After each: nothing sent twice, nothing lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import onboarding, refunds, reversals, sandbox_recipient, transfers
from payments.errors import GatewayRefused, GatewayUnavailable
from payments.gateways.sandbox import SandboxGateway
from payments.models import (
    ConnectedAccount,
    SandboxAccount,
    SandboxReversal,
    SandboxTransfer,
    Transfer,
    TransferReversal,
)
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from trufan.lib.errors import InvalidMove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class DiesAfterTheCall(SandboxGateway):
    def transfer(self, transfer):
        super().transfer(transfer)
        raise Killed

    def reverse(self, reversal):
        super().reverse(reversal)
        raise Killed


class DropsAfterTheWork(SandboxGateway):
    def transfer(self, transfer):
        super().transfer(transfer)
        raise GatewayUnavailable

    def reverse(self, reversal):
        super().reverse(reversal)
        raise GatewayUnavailable


class Refuses(SandboxGateway):
    def transfer(self, transfer):
        raise GatewayRefused("No.")

    def reverse(self, reversal):
        raise GatewayRefused("No.")


class Silent(SandboxGateway):
    def look_up_account(self, account):
        raise GatewayUnavailable


@pytest.fixture
def stand(venue):
    return recipient(venue)


@pytest.fixture
def paid(venue, stand, pay, monkeypatch):
    """A paid order whose share is owed and not sent yet."""
    monkeypatch.setattr("payments.tasks.send_transfers.apply_async", lambda **how: None)
    monkeypatch.setattr("payments.tasks.execute_reversals.apply_async", lambda **how: None)
    payment = pay(of=order_of(venue, [(stand, 3_000, 300)]))
    assert Transfer.objects.get().status == "owed"
    return payment


@pytest.fixture
def give_back(django_capture_on_commit_callbacks):
    def run(payment, amount):
        with django_capture_on_commit_callbacks(execute=True):
            return refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())

    return run


def sweep(at):
    transfers.send_due(at)
    reversals.execute_due(at)


def test_a_process_that_dies_after_the_transfer_sends_it_once(paid, stand, use_gateway):
    use_gateway(DiesAfterTheCall)
    now = timezone.now()
    with pytest.raises(Killed):
        transfers.send_due(now)
    use_gateway(SandboxGateway)
    assert transfers.send_due(now) == 0, "the lease still runs"
    assert transfers.send_due(now + timedelta(minutes=3)) == 1
    assert SandboxTransfer.objects.count() == 1
    assert received(stand) == due(stand) == 2_700


def test_a_refund_while_a_transfer_is_on_its_way_is_taken_back_once_it_arrived(paid, stand, use_gateway, give_back):
    use_gateway(DiesAfterTheCall)
    now = timezone.now()
    with pytest.raises(Killed):
        transfers.send_due(now)
    use_gateway(SandboxGateway)
    give_back(paid, 1_000)
    assert reversals.execute_due(timezone.now()) == 0, "nothing is there to take back yet"
    sweep(now + timedelta(minutes=3))
    assert received(stand) == due(stand) == 1_800
    assert SandboxTransfer.objects.get().amount == 2_700


def test_a_line_that_drops_is_tried_again_under_the_same_key(paid, stand, use_gateway, give_back):
    use_gateway(DropsAfterTheWork)
    now = timezone.now()
    sweep(now)
    assert Transfer.objects.get().status == "sending"
    use_gateway(SandboxGateway)
    sweep(now + timedelta(minutes=1))
    use_gateway(DropsAfterTheWork)
    give_back(paid, 1_500)
    sweep(timezone.now() + timedelta(minutes=2))
    assert TransferReversal.objects.get().status == "pending"
    use_gateway(SandboxGateway)
    sweep(timezone.now() + timedelta(minutes=10))
    assert TransferReversal.objects.get().status == "succeeded"
    assert (SandboxTransfer.objects.count(), SandboxReversal.objects.count()) == (1, 1)
    assert received(stand) == due(stand) == 1_350


def test_a_process_that_dies_after_the_reversal_takes_back_once(paid, stand, use_gateway, give_back):
    sweep(timezone.now())
    use_gateway(DiesAfterTheCall)
    give_back(paid, 1_500)
    with pytest.raises(Killed):
        sweep(timezone.now())
    use_gateway(SandboxGateway)
    sweep(timezone.now() + timedelta(minutes=3))
    assert SandboxReversal.objects.count() == 1
    assert received(stand) == due(stand) == 1_350


def test_a_transfer_refused_while_a_refund_waits_owes_less_when_it_is_retried(paid, stand, use_gateway, give_back, ada):
    now = timezone.now()
    use_gateway(DropsAfterTheWork)

    class Lost(SandboxGateway):
        def transfer(self, transfer):
            raise GatewayUnavailable

    use_gateway(Lost)
    transfers.send_due(now)
    give_back(paid, 1_000)
    assert TransferReversal.objects.get().status == "pending"
    use_gateway(Refuses)
    transfers.send_due(now + timedelta(minutes=5))
    failed = Transfer.objects.get()
    assert (failed.status, failed.sendable, TransferReversal.objects.get().status) == ("failed", 1_800, "void")
    use_gateway(SandboxGateway)
    transfers.retry(failed, by=ada, now=now)
    sweep(now)
    assert received(stand) == due(stand) == 1_800
    with pytest.raises(InvalidMove):
        transfers.retry(failed, by=ada, now=now)


def test_a_refused_reversal_is_shown_and_asked_again(paid, stand, use_gateway, give_back, ada):
    sweep(timezone.now())
    use_gateway(Refuses)
    give_back(paid, 3_000)
    sweep(timezone.now())
    refused = TransferReversal.objects.get()
    assert (refused.status, refused.failure_message) == ("failed", "No.")
    use_gateway(SandboxGateway)
    reversals.retry(refused, by=ada, now=timezone.now())
    sweep(timezone.now())
    assert received(stand) == due(stand) == 0


def test_a_recipient_that_is_no_longer_ready_is_asked_about_and_paid_later(paid, stand):
    SandboxAccount.objects.update(status="restricted")
    now = timezone.now()
    sweep(now)
    assert Transfer.objects.get().status == "owed"
    assert ConnectedAccount.objects.get(pk=stand.pk).status == "restricted"
    SandboxAccount.objects.update(status="ready")
    onboarding.refresh_due(now)
    sweep(now + timedelta(minutes=1))
    assert Transfer.objects.get().round == 2
    assert received(stand) == due(stand) == 2_700


def test_a_share_waits_when_another_provider_took_the_payment(paid, stand):
    ConnectedAccount.objects.filter(pk=stand.pk).update(provider="other")
    assert transfers.send_due(timezone.now()) == 0
    assert Transfer.objects.get().status == "owed"


def test_the_standing_of_an_account_is_what_was_last_known_while_the_provider_is_silent(stand, use_gateway):
    use_gateway(Silent)
    assert onboarding.refresh(stand, timezone.now()).status == "ready"


def test_an_account_that_the_provider_forgot_is_disabled(stand):
    SandboxAccount.objects.all().delete()
    assert onboarding.refresh(stand, timezone.now()).status == "disabled"


def test_a_balance_that_is_empty_leaves_a_debt_also_after_a_crash(paid, stand, give_back, monkeypatch):
    sweep(timezone.now())
    sandbox_recipient.pay_out(stand)
    give_back(paid, 1_000)

    def dies(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(reversals, "_settle", dies)
        with pytest.raises(Killed):
            sweep(timezone.now())
    sweep(timezone.now() + timedelta(minutes=3))
    assert debt(stand) == 900
    assert received(stand) == due(stand) + debt(stand)
    assert_books_hold()
