"""What payments may answer instead of yes.

GatewayUnavailable   503   nobody knows whether the provider did it; the same call may be made again
GatewayRefused       422   the provider will never do this as asked
RecipientNotReady    422   the provider does not pay this recipient yet
InsufficientBalance  422   the recipient has less than is to be taken back
NeverHeard           409   the provider has no payment under this id or key
BadSignature         400   the sender of a webhook is not who it says
BadWebhook           400   a webhook that can't be read
NothingDue           409   the payable is paid already
PaymentInProgress    409   another attempt is with the gateway at this moment
NotRefundable        409   the payment never succeeded
PaymentDisputed      409   its money is with the payer's bank, which decides whose it is
NotSettledYet        409   a dispute over a payment that our books do not have as paid
NoAnswerAwaited      409   the dispute was answered already, or is over
RefundExceedsPayment 409   more than is left of the payment
NotHeld              409   no person has to decide about this payment
MoreThanDue          409   more was collected than the order asks for
ReconciliationUnderWay 409 another comparison with this provider is running
AlreadyResolved      409   somebody decided this difference before
NothingForTheTill    409   what the venue would take itself is not its own
"""

from trufan.lib.errors import Conflict, Invalid, Malformed, Unavailable
from trufan.lib.words import lazy as _


class GatewayUnavailable(Unavailable):
    code, message = (
        "gateway_unavailable",
        _("The payment provider does not answer. Nothing is charged twice: try again."),
    )


class KeySpent(GatewayUnavailable):
    """The provider would answer this idempotency key with the same error for a day, and did nothing under it."""


class GatewayRefused(Invalid):
    code, message = "payment_refused", _("The payment provider does not accept this.")


class RecipientNotReady(GatewayRefused):
    code, message = "recipient_not_ready", _("The payment provider does not pay this recipient yet.")


class InsufficientBalance(GatewayRefused):
    code, message = "insufficient_balance", _("The recipient's balance is less than this.")


class NeverHeard(Conflict):
    code, message = "unknown_to_provider", _("The payment provider knows no such payment.")


class BadSignature(Malformed):
    code, message = "bad_signature", _("The signature does not match.")


class BadWebhook(Malformed):
    code, message = "bad_webhook", _("This webhook can't be read.")


class NothingDue(Conflict):
    code, message = "nothing_due", _("This is paid already.")


class PaymentInProgress(Conflict):
    code, message = "payment_in_progress", _("Another payment for this is under way. Try again in a minute.")


class NotRefundable(Conflict):
    code, message = "not_refundable", _("Only a payment that succeeded can be refunded.")


class PaymentDisputed(Conflict):
    code, message = "payment_disputed", _("The payer's bank holds this money. Refund what is left once it has decided.")


class NotSettledYet(Conflict):
    code, message = "payment_not_settled", _("This payment is disputed, but it is not settled here yet.")


class NoAnswerAwaited(Conflict):
    code, message = "no_answer_awaited", _("This dispute does not wait for an answer.")


class RefundExceedsPayment(Conflict):
    code, message = "refund_exceeds_payment", _("This is more than is left of the payment.")


class NotHeld(Conflict):
    code, message = "not_held", _("The amounts agree; there is nothing to decide about this payment.")


class MoreThanDue(Conflict):
    """The books of an order never hold more than its total; the excess has nowhere to stand."""

    code, message = "more_than_due", _("This is more than is due. Send it back; the buyer can pay again.")


class ReconciliationUnderWay(Conflict):
    code, message = "reconciliation_under_way", _("A comparison with this provider is running already.")


class AlreadyResolved(Conflict):
    code, message = "already_resolved", _("This was resolved already.")


class Unbalanced(Invalid):
    """Debits and credits of an entry are the same sum, or it is none."""

    code, message = "unbalanced", _("The lines of an entry sum to zero.")


class AlreadyCorrected(Conflict):
    code, message = "already_corrected", _("This entry was corrected, or is a correction itself.")


class PayoutsUnavailable(Conflict):
    """Shares stay owed in the books until the provider can send them."""

    code, message = "payouts_unavailable", _("Recipients cannot be paid through this payment provider yet.")


class NothingForTheTill(Conflict):
    """The venue keeps what it takes itself; what is another's, or all the platform's, is paid online."""

    code, message = "nothing_for_the_till", _("This can only be paid online: its money is not the venue's to keep.")
