"""What the door may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class ListClosed(Conflict):
    code, message = "checkin_list_closed", _("This check-in list is closed.")


class ListNameTaken(Conflict):
    code, message = "checkin_list_name_taken", _("The event already has a check-in list of this name.")


class ListInUse(Conflict):
    code, message = "checkin_list_in_use", _("Somebody scanned by this list; close it instead.")
