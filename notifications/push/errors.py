"""What the API says of push."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class NoWebPush(Conflict):
    """This server has no VAPID keys."""

    code, message = "no_web_push", _("Browsers can't be pushed to from here.")
