"""What series may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Invalid
from trufan.lib.words import lazy as _


class NoDates(Invalid):
    """The dates or the rule come to nothing, or to too much; `details` name what."""

    code, message = "no_dates", _("These are no dates to copy an event to.")
