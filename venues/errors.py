"""What venues may answer instead of yes."""

from trufan.lib.errors import Conflict, Forbidden
from trufan.lib.words import lazy as _


class MayNotOpenVenue(Forbidden):
    code, message = "may_not_open_venue", _("Only venue admins may open a venue.")


class BeyondOwnRights(Forbidden):
    """Nobody gives, changes or takes away more than they hold."""

    code, message = "beyond_own_rights", _("You may not decide over permissions that you do not hold yourself.")


class AlreadyOnStaff(Conflict):
    code, message = "already_on_staff", _("This person is already on the staff of this venue.")


class AccountClosed(Conflict):
    code, message = "account_closed", _("The account with this e-mail address is closed.")


class LastManager(Conflict):
    code, message = "last_manager", _("A venue needs at least one manager. Make someone else a manager first.")


class SlugTaken(Conflict):
    code, message = "slug_taken", _("Another venue already has this slug.")


class TaxNameTaken(Conflict):
    code, message = "tax_name_taken", _("This venue already has a tax of that name on that category.")


class NotOnStaff(Conflict):
    code, message = "not_on_staff", _("This person is no longer on the staff. Invite them again.")


class FeeRuleTaken(Conflict):
    code, message = "fee_rule_taken", _("This venue already has a platform fee on that kind, paid by the same.")
