"""What an order may answer instead of yes."""

from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class NotPayable(Conflict):
    code, message = "not_payable", _("Nothing is to be paid for this order.")


class BuyerHasAccount(Conflict):
    """Whoever has an account erases it as a whole."""

    code, message = "buyer_has_account", _("The buyer has an account, which is erased as a whole by its owner.")


class BuyerStillNeeded(Conflict):
    """A pending order would tell its buyer nothing."""

    code, message = "buyer_still_needed", _("This order is not paid yet. Cancel it first.")


class NotForSale(Invalid):
    """The line cannot be sold as asked; the message says why."""

    code, message = "not_for_sale", _("This is not for sale.")


class OutletClosed(NotForSale):
    code, message = "outlet_closed", _("This outlet is closed.")


class EventNeeded(NotForSale):
    """A product that is sold for certain events only; the cart's `event` or a ticket in it says which one."""

    code, message = "event_needed", _("Say which event this is for.")


class CartRefused(Invalid):
    """One or more lines were refused; `details` name each of them."""

    code, message = "cart_refused", _("Some lines of this cart cannot be sold.")


class SoldOut(Conflict):
    """Stock is short; `details` name the lines."""

    code, message = "sold_out", _("This is sold out.")


class TipRefused(Invalid):
    code, message = "tip_refused", _("This tip cannot be given.")


class PromoNotValid(Invalid):
    """Whether there is no such code or it is for something else, nobody is told who guesses."""

    code, message = "promo_not_valid", _("This code does not apply to this order.")


class PromoNotCombinable(Invalid):
    code, message = "promo_not_combinable", _("This code does not go together with another.")


class PromoUsedUp(Conflict):
    code, message = "promo_used_up", _("This code was used as often as it may be.")


class PromoCodeTaken(Conflict):
    code, message = "promo_code_taken", _("This venue already has this code.")


class OrderNotChangeable(Conflict):
    code, message = "order_not_changeable", _("This order does not change any more.")


class QuantityTooSmall(Conflict):
    code, message = "quantity_too_small", _("The quantity may not be less than what is held and sold already.")


class NotCounted(Conflict):
    """A stock without a quantity cannot be corrected by a difference; count it first."""

    code, message = "not_counted", _("This stock is not counted. Give a count first.")


class NameInUse(Conflict):
    code, message = "name_in_use", _("There is another one of this name.")


class RefundRefused(Conflict):
    """One or more lines cannot be refunded as asked; `details` name each of them."""

    code, message = "refund_refused", _("Some of these lines cannot be refunded.")


class AlreadyRefunded(Conflict):
    code, message = "already_refunded", _("This was refunded, or its refund is on its way.")


class RefundNotOffered(Conflict):
    """The buyer cannot refund this alone; staff can."""

    code, message = "refund_not_offered", _("This can't be refunded by its buyer. Ask the venue.")


class RefundTooLate(Conflict):
    code, message = "refund_too_late", _("The time to give this back is over. Ask the venue.")


class NotRefundable(Conflict):
    code, message = "not_refundable", _("There is nothing to refund on this order.")


class CounterBroken(Conflict):
    """A counter would fall below zero: rows and counters disagree, and `check_inventory` will say where."""

    code, message = "inventory_inconsistent", _("Its stock needs a person's attention.")


class AgeCheckNeeded(Conflict):
    """Handing over what is only for the grown-up asks whoever hands it over to say that they looked."""

    code, message = "age_check_needed", _("Check the buyer's age, and say that you did.")


class NotDelivered(Conflict):
    code, message = "not_delivered", _("This is picked up at the counter.")


class TooLateToStepBack(Conflict):
    code, message = "too_late_to_step_back", _("This was handed over too long ago to be taken back.")


class NoReceipt(Conflict):
    code, message = "no_receipt", _("There is a receipt once something is paid for this.")


class TipNotTaken(Conflict):
    code, message = "tip_not_taken", _("This order takes no tip.")


class AlreadyTipped(Conflict):
    code, message = "already_tipped", _("A tip was given for this order already.")


class NotRateable(Conflict):
    code, message = "not_rateable", _("Only what was paid for is rated.")


class WindowClosed(Conflict):
    """Tips and ratings are taken for `TIP_WINDOW_HOURS` after the order was paid and handed over."""

    code, message = "window_closed", _("The time for tips and ratings of this order is over.")
