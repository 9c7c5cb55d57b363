"""What events may answer instead of yes."""

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class NotSellable(Conflict):
    """The event cannot be published yet; the message says why."""

    code, message = "not_sellable", _("This event cannot be sold yet.")


class EventClosed(Conflict):
    code, message = "event_closed", _("A cancelled or completed event does not change any more.")


class EventNotStarted(Conflict):
    code, message = "event_not_started", _("An event can only be completed once it has started.")


class CapacityTooSmall(Conflict):
    """More tickets are allotted to the event's ticket types than the wanted capacity allows."""

    code, message = "capacity_too_small", _("The capacity may not be less than the tickets already allotted.")


class CurrencyInUse(Conflict):
    code, message = (
        "currency_in_use",
        _("The currency cannot change once the venue has events: their prices are in it."),
    )


class NoMessagesNow(Conflict):
    """Nobody holds tickets of a draft, and a completed event has no news."""

    code, message = "event_has_no_news", _("Holders can be told of published and cancelled events only.")


class TooManyMessages(Conflict):
    """All holders were told as often as a day allows."""

    code, message = "too_many_messages", _("Holders of this event were told as often as is allowed within 24 hours.")
