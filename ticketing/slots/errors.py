"""What entry slots may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class SlotNeeded(Invalid):
    """Tickets of this type are for a time; `slot` of the line says which."""

    code, message = "slot_needed", _("Choose an entry time.")


class SlotTaken(Conflict):
    """Two slots of an event do not start at the same moment."""

    code, message = "slot_taken", _("The event already has a slot that starts then.")


class SlotInUse(Conflict):
    code, message = "slot_in_use", _("Somebody has this slot, or is buying it. Only its capacity changes now.")
