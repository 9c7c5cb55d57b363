"""Shares through Stripe: out of the charge to each recipient, and back in proportion, whatever the line does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import onboarding, reversals, transfers
from payments.gateways.stripe import StripeGateway
from payments.models import RecipientDebt, Transfer, TransferReversal
from payments.tests.sharing import assert_books_hold, debt, due, order_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock", "by_hand")]

CREATE = "POST /v1/transfers"
#: Each with how often it has to happen until Stripe's client, which tries three times, gives up.
FAULTS = {"drop": 3, "drop before the work": 3, "hang": 3, "500": 1, "500 after the work": 1, "429": 1}
every_fault = pytest.mark.parametrize("fault", FAULTS, indirect=True)


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class DiesAfterTheCall(StripeGateway):
    def transfer(self, transfer):
        super().transfer(transfer)
        raise Killed

    def reverse(self, reversal):
        super().reverse(reversal)
        raise Killed


@pytest.fixture
def stand(stripe_recipient):
    return stripe_recipient()


@pytest.fixture
def paid(venue, stand, pay):
    """A paid order whose share of 2,700 is owed and not sent yet."""
    return pay(of=order_of(venue, [(stand, 3_000, 300)]))


@pytest.fixture
def fault(request, standin, settings):
    """Stripe's next answer about moving money goes wrong in this way."""
    settings.STRIPE_TIMEOUT_SECONDS = 0.3
    standin.hang_seconds = 0.6
    return lambda: standin.fail(request.param, FAULTS[request.param], on=CREATE)


def sweep(at):
    transfers.send_due(at)
    reversals.execute_due(at)


def soon(**how):
    return timezone.now() + timedelta(**how)


def moved(standin):
    return [made["amount"] for made in standin.connect.transfers.values()]


def taken_back(standin):
    return [made["amount"] for made in standin.connect.reversals.values()]


def assert_settled(standin, account):
    """Whatever happened: the recipient has what is due, but for what is written down as its debt."""
    held = standin.connect.balance(account.provider_id, "usd")
    assert held == due(account) + debt(account)
    assert not Transfer.objects.filter(status="sending").exists()
    assert not TransferReversal.objects.filter(status="pending").exists()
    assert_books_hold()


def test_a_share_is_moved_out_of_its_charge(paid, stand, standin):
    sweep(timezone.now())
    transfer = Transfer.objects.get()
    made = standin.connect.transfers[transfer.provider_id]
    intent = standin.book.intents[paid.provider_id]
    assert (made["amount"], made["currency"], made["destination"]) == (2_700, "usd", stand.provider_id)
    assert made["source_transaction"] == intent["latest_charge"]
    assert made["transfer_group"] == intent["transfer_group"] == f"order-{paid.payable_id}"
    assert made["metadata"] == {
        "transfer": str(transfer.pk), "payment": str(paid.pk), "order": paid.reference,
    }  # fmt: skip
    assert ("POST", "/v1/transfers", f"transfer-{transfer.pk}-1") in standin.requests
    assert_settled(standin, stand)


def test_a_refund_is_taken_back_in_proportion(paid, stand, standin, give_back):
    sweep(timezone.now())
    give_back(paid, 1_000)
    sweep(soon(seconds=1))
    made = next(iter(standin.connect.reversals.values()))
    reversal = TransferReversal.objects.get()
    assert (made["amount"], made["transfer"]) == (900, Transfer.objects.get().provider_id)
    assert made["metadata"] == {"reversal": str(reversal.pk), "transfer": str(reversal.transfer_id)}
    assert (reversal.status, reversal.provider_id) == ("succeeded", made["id"])
    give_back(paid, 2_000)
    sweep(soon(seconds=2))
    assert due(stand) == 0
    assert_settled(standin, stand)


def test_a_share_waits_until_stripe_calls_its_recipient_ready(venue, stripe_recipient, pay, standin):
    stand = stripe_recipient(ready=False)
    pay(of=order_of(venue, [(stand, 3_000, 300)]))
    sweep(timezone.now())
    assert Transfer.objects.get().status == "owed"
    standin.connect.complete(stand.provider_id)
    onboarding.refresh_due(timezone.now())
    sweep(timezone.now())
    assert_settled(standin, stand)
    assert moved(standin) == [2_700]


def test_an_old_account_gets_its_share(venue, stripe_recipient, pay, standin):
    stand = stripe_recipient(ready=False)
    stand.provider_id = standin.connect.old_account(able=True)
    stand.save()
    pay(of=order_of(venue, [(stand, 3_000, 300)]))
    onboarding.check(stand, timezone.now())
    sweep(timezone.now())
    assert_settled(standin, stand)


# --- What Stripe refuses ---


def test_a_recipient_that_is_no_longer_ready_is_asked_about_and_paid_later(paid, stand, standin):
    standin.connect.complete(stand.provider_id, "restricted")
    now = timezone.now()
    sweep(now)
    stand.refresh_from_db()
    assert (Transfer.objects.get().status, stand.status) == ("owed", "restricted")
    sweep(now + timedelta(minutes=1))
    assert moved(standin) == []
    standin.connect.complete(stand.provider_id)
    onboarding.refresh_due(now + timedelta(minutes=2))
    sweep(now + timedelta(minutes=2))
    # The first key would answer "not ready" for a day.
    assert Transfer.objects.get().round == 2
    assert_settled(standin, stand)


def test_an_account_that_is_gone_is_disabled_and_its_share_stays_owed(paid, stand, standin):
    standin.connect.accounts.clear()
    sweep(timezone.now())
    onboarding.refresh_due(timezone.now())
    stand.refresh_from_db()
    assert (Transfer.objects.get().status, stand.status) == ("owed", "disabled")


def test_while_our_own_balance_is_too_small_it_is_tried_again_under_another_key(paid, stand, standin):
    standin.connect.is_short = True
    now = timezone.now()
    sweep(now)
    waiting = Transfer.objects.get()
    assert (waiting.status, waiting.round, RecipientDebt.objects.count()) == ("sending", 2, 0)
    standin.connect.is_short = False
    sweep(now + timedelta(minutes=1))
    assert_settled(standin, stand)


def test_what_stripe_never_does_is_shown_with_its_reason_and_asked_again_by_a_person(paid, stand, standin, ada):
    charge = standin.book.charges[standin.book.intents[paid.provider_id]["latest_charge"]]
    charge["currency"] = "eur"
    sweep(timezone.now())
    failed = Transfer.objects.get()
    assert failed.status == "failed"
    assert "currency of source_transaction" in failed.failure_message
    charge["currency"] = "usd"
    transfers.retry(failed, by=ada, now=timezone.now())
    sweep(timezone.now())
    assert_settled(standin, stand)


def test_what_a_recipient_has_spent_becomes_its_debt_and_its_next_share_pays_it(
    venue, paid, stand, standin, give_back, pay
):
    sweep(timezone.now())
    standin.connect.paid_out[stand.provider_id] = 2_700
    give_back(paid, 1_000)
    sweep(soon(seconds=1))
    assert (TransferReversal.objects.get().status, debt(stand), taken_back(standin)) == ("indebted", 900, [])
    standin.connect.paid_out.clear()
    pay(of=order_of(venue, [(stand, 2_000, 0)]))
    sweep(soon(seconds=2))
    assert (debt(stand), moved(standin)) == (0, [2_700, 1_100])
    assert_settled(standin, stand)


# --- What goes wrong on the way ---


@every_fault
def test_a_transfer_whose_answer_was_lost_is_made_once(paid, stand, standin, fault):
    fault()
    now = timezone.now()
    sweep(now)
    assert Transfer.objects.get().status == "sending"
    sweep(now + timedelta(minutes=1))
    sweep(now + timedelta(minutes=10))
    assert moved(standin) == [2_700]
    assert_settled(standin, stand)


@every_fault
def test_a_reversal_whose_answer_was_lost_is_made_once(paid, stand, standin, fault, give_back):
    sweep(timezone.now())
    give_back(paid, 1_000)
    fault()
    now = soon(seconds=1)
    sweep(now)
    assert TransferReversal.objects.get().status == "pending"
    sweep(now + timedelta(minutes=1))
    sweep(now + timedelta(minutes=10))
    assert taken_back(standin) == [900]
    assert_settled(standin, stand)


@pytest.mark.parametrize("fault", ["drop", "hang", "500 after the work"], indirect=True)
def test_days_later_stripe_has_forgotten_the_key_and_still_nothing_is_sent_twice(
    paid, stand, standin, fault, give_back
):
    fault()
    now = timezone.now()
    sweep(now)
    standin.forget_keys()
    sweep(now + timedelta(days=3))
    assert moved(standin) == [2_700]
    give_back(paid, 1_000)
    fault()
    sweep(now + timedelta(days=4))
    standin.forget_keys()
    sweep(now + timedelta(days=7))
    assert taken_back(standin) == [900]
    assert_settled(standin, stand)


def test_a_process_that_dies_after_the_call_moves_once(paid, stand, standin, use_stripe, give_back):
    use_stripe(DiesAfterTheCall)
    now = timezone.now()
    with pytest.raises(Killed):
        sweep(now)
    use_stripe(StripeGateway)
    give_back(paid, 1_000)
    assert transfers.send_due(now) == 0, "the lease still runs"
    sweep(now + timedelta(minutes=3))
    use_stripe(DiesAfterTheCall)
    give_back(paid, 1_000)
    with pytest.raises(Killed):
        sweep(now + timedelta(minutes=4))
    use_stripe(StripeGateway)
    standin.forget_keys()
    sweep(now + timedelta(minutes=10))
    assert (moved(standin), taken_back(standin)) == ([2_700], [900, 900])
    assert_settled(standin, stand)


def test_another_amount_than_ours_is_left_to_a_person(paid, standin):
    standin.fail("drop", 3, on=CREATE)
    now = timezone.now()
    sweep(now)
    next(iter(standin.connect.transfers.values()))["amount"] = 2_600
    sweep(now + timedelta(minutes=1))
    failed = Transfer.objects.get()
    assert (failed.status, len(moved(standin))) == ("failed", 1)
    assert "another amount" in failed.failure_message


def test_a_transfer_is_found_among_many_of_its_order(venue, paid, stand, standin):
    """The list comes in pages, and other recipients' transfers stand in it too."""
    standin.fail("drop", 3, on=CREATE)
    now = timezone.now()
    sweep(now)
    own = next(iter(standin.connect.transfers.values()))
    for number in range(120):
        standin.connect.transfers[f"tr_other{number}"] = {**own, "id": f"tr_other{number}", "metadata": {}}
    sweep(now + timedelta(minutes=1))
    assert Transfer.objects.get().provider_id == own["id"]


# --- Currencies with other decimals ---


def test_yen_have_no_decimals(venue, stripe_recipient, pay, standin, give_back):
    stand = stripe_recipient(currency="JPY")
    payment = pay(of=order_of(venue, [(stand, 3_001, 301)], currency="JPY"))
    sweep(timezone.now())
    assert (moved(standin), standin.collected()) == ([2_700], [3_001])
    give_back(payment, 1_000)
    sweep(soon(seconds=1))
    assert standin.connect.balance(stand.provider_id, "jpy") == due(stand) + debt(stand)
    assert debt(stand) == 0


def test_of_dinars_no_thousandth_gets_lost(venue, stripe_recipient, pay, standin, give_back):
    """The last of three decimals cannot be moved: shares are divided in tens; what a refund leaves over is a debt."""
    stands = [stripe_recipient(currency="KWD", name=name) for name in ("Taco stand", "Tea stand")]
    lines = [(stands[0], 12_347, 311), (stands[1], 7_123, 0), (stands[0], 3_330, 0)]
    payment = pay(of=order_of(venue, lines, currency="KWD"))
    assert sum(split.amount for split in payment.splits.all()) == 22_800
    for transfer in Transfer.objects.all():
        exact = sum(total - fee for stand, total, fee in lines if stand.pk == transfer.account_id)
        assert transfer.amount % 10 == 0
        assert abs(transfer.amount - exact) < 10
    sweep(timezone.now())
    for number, amount in enumerate((1_230, 7_770, 4_440, 9_360)):
        give_back(payment, amount)
        sweep(soon(seconds=number + 1))
        for stand in stands:
            assert standin.connect.balance(stand.provider_id, "kwd") == due(stand) + debt(stand)
            assert debt(stand) < 40
    payment.refresh_from_db()
    assert payment.amount_refunded == payment.amount
    assert [due(stand) for stand in stands] == [0, 0]
    assert not TransferReversal.objects.exclude(status__in=["succeeded", "indebted"]).exists()
    assert_books_hold()


def test_what_a_recipient_of_dinars_owes_its_next_share_pays(venue, stripe_recipient, pay, standin, give_back):
    stand = stripe_recipient(currency="KWD")
    first = pay(of=order_of(venue, [(stand, 5_000, 1_670)], currency="KWD"))
    sweep(timezone.now())
    give_back(first, 1_000)
    sweep(soon(seconds=1))
    assert (taken_back(standin), debt(stand)) == ([660], 6)
    pay(of=order_of(venue, [(stand, 2_000, 0)], currency="KWD"))
    sweep(soon(seconds=2))
    # 6 withheld; 1,994 cannot be moved; 2,000 can, of which 6 are owed once more.
    assert (moved(standin)[-1], debt(stand)) == (2_000, 6)
    assert standin.connect.balance(stand.provider_id, "kwd") == due(stand) + debt(stand)


def test_a_share_that_a_refund_lessened_before_it_left_is_sent_in_full_units(
    venue, stripe_recipient, pay, standin, give_back
):
    stand = stripe_recipient(currency="KWD")
    payment = pay(of=order_of(venue, [(stand, 5_000, 1_670)], currency="KWD"))
    give_back(payment, 1_000)
    sweep(timezone.now())
    assert (moved(standin), due(stand), debt(stand)) == ([2_670], 2_664, 6)


def test_a_refund_of_less_than_can_be_moved_is_a_debt_alone(venue, stripe_recipient, pay, standin, give_back):
    stand = stripe_recipient(currency="KWD")
    payment = pay(of=order_of(venue, [(stand, 5_000, 1_670)], currency="KWD"))
    sweep(timezone.now())
    give_back(payment, 10)
    sweep(soon(seconds=1))
    assert (TransferReversal.objects.get().status, debt(stand), taken_back(standin)) == ("indebted", 7, [])
