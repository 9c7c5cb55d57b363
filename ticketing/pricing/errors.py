"""What prices and the rules on who may buy may answer instead of yes."""

from __future__ import annotations

from orders.errors import NotForSale, SoldOut
from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class ReleaseShort(SoldOut):
    """Too few are left at this price; the message says how many, and what the next ones cost."""

    code, message = "release_short", _("Too few are left at this price.")


class ReleaseInUse(Conflict):
    code, message = "release_in_use", _("Somebody bought at this price; end it instead.")


class ReleaseNameTaken(Conflict):
    code, message = "release_name_taken", _("The ticket type already has a price of this name.")


class AmountRefused(Invalid):
    """The buyer names the price, within bounds that the message gives."""

    code, message = "amount_refused", _("This amount is not taken for this ticket.")


class UnlockNotValid(Invalid):
    """Whether there is no such code, it is over or opens something else, nobody is told who guesses."""

    code, message = "unlock_not_valid", _("This code opens nothing here.")


class UnlockUsedUp(SoldOut):
    """The code was good for so many tickets, and they are taken."""

    code, message = "unlock_used_up", _("This code was used as often as it may be.")


class UnlockCodeTaken(Conflict):
    code, message = "unlock_code_taken", _("The event already has this code.")


class ParentNeeded(NotForSale):
    """An add-on is only sold to who has, or buys with it, a ticket that it belongs to."""

    code, message = "parent_needed", _("This is sold only together with another ticket.")


class AddOnLeft(Conflict):
    """Without this ticket its buyer would have more add-ons than tickets that they belong to."""

    code, message = "addon_left", _("Give back what was bought on top of this ticket as well.")


class BundleNameTaken(Conflict):
    code, message = "bundle_name_taken", _("The event already has a bundle of this name.")
