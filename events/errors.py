"""What events may answer instead of yes."""

from trufan.lib.errors import Conflict


class NotSellable(Conflict):
    """The event cannot be published yet; the message says why."""

    code, message = "not_sellable", "This event cannot be sold yet."


class EventClosed(Conflict):
    code, message = "event_closed", "A cancelled or completed event does not change any more."


class EventNotStarted(Conflict):
    code, message = "event_not_started", "An event can only be completed once it has started."


class CapacityTooSmall(Conflict):
    """More tickets are allotted to the event's ticket types than the wanted capacity allows."""

    code, message = "capacity_too_small", "The capacity may not be less than the tickets already allotted."


class CurrencyInUse(Conflict):
    code, message = "currency_in_use", "The currency cannot change once the venue has events: their prices are in it."
