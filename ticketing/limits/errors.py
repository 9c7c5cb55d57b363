"""What limits for each person may answer instead of yes."""

from __future__ import annotations

from orders.errors import NotForSale
from trufan.lib.words import lazy as _


class PersonLimit(NotForSale):
    """All of a person's orders together; what is held counts, and what was given back does not."""

    code, message = "person_limit", _("This is more than one person may have.")
