"""What a holder's device may be told instead of a secret."""

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class CodeIsStatic(Conflict):
    code, message = "code_is_static", _("Codes of this event don't change: show the ticket's QR code.")
