"""What schedules refuse."""

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class JustSent(Conflict):
    code, message = "report_just_sent", _("This report was sent a moment ago.")


class NobodyToSendTo(Conflict):
    code, message = "nobody_to_send_to", _("Nobody on its list may read reports at the venue any more.")


class NameTaken(Conflict):
    code, message = "report_schedule_name_taken", _("This venue already sends a report of that name.")
