"""Refusals of exchanges."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class ExchangeNotOffered(Conflict):
    """The buyer cannot exchange this alone; staff can."""

    code, message = "exchange_not_offered", _("These tickets can't be exchanged by their buyer. Ask the venue.")


class ExchangeTooLate(Conflict):
    code, message = "exchange_too_late", _("The time to exchange these tickets is over. Ask the venue.")


class ExchangeOpen(Conflict):
    """Another exchange of one of the tickets waits to be paid; cancel its order to begin anew."""

    code, message = "exchange_open", _("One of these tickets is being exchanged already.")
