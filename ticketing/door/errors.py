"""What the door may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class ListClosed(Conflict):
    code, message = "checkin_list_closed", _("This check-in list is closed.")


class NothingToTakeBack(Conflict):
    """No admission of this order stands."""

    code, message = "nothing_to_take_back", _("This order was not let in as a whole, or that was taken back already.")


class ListNameTaken(Conflict):
    code, message = "checkin_list_name_taken", _("The event already has a check-in list of this name.")


class ListInUse(Conflict):
    code, message = "checkin_list_in_use", _("Somebody scanned by this list; close it instead.")
