"""What messages are about: the kinds that a person chooses by, and which kind each message is of.

A kind is what stands in the preferences; a message is one folder of `templates/notifications/`. What may be left out is
decided by kind and channel, whether a message may wait for the morning by message: food that is ready does not wait,
nor does what concerns money or safety.
"""

from __future__ import annotations

from dataclasses import dataclass

EMAIL, SMS, PUSH = "email", "sms", "push"
CHANNELS = (EMAIL, PUSH, SMS)


@dataclass(frozen=True)
class Kind:
    """`always`: channels that can't be switched off. `unasked`: channels used until the person says otherwise."""

    name: str
    label: str
    description: str
    always: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset({EMAIL, PUSH})
    for_staff: bool = False


@dataclass(frozen=True)
class Message:
    """`waits`: whether quiet hours hold it back until they end."""

    kind: Kind
    waits: bool = False


ACCOUNT = Kind(
    "account",
    "Your account",
    "Sign-ins, passwords, and codes and links you asked for.",
    always=frozenset({EMAIL}),
)
MONEY = Kind(
    "money",
    "Payments and refunds",
    "What you paid, its receipts, and what comes back to you.",
    always=frozenset({EMAIL}),
)
TICKETS = Kind("tickets", "Your tickets", "Tickets, transfers, and your turn on a waiting list.")
EVENTS = Kind("events", "Your events", "An event of yours is tomorrow, opens its doors, or is news of its own.")
CHANGES = Kind(
    "changes",
    "Changes to your events",
    "An event of yours is moved or cancelled.",
    always=frozenset({EMAIL}),
)
FOOD = Kind("food", "Food and merchandise", "Your order is accepted, ready, on its way or refused.")
PARKING = Kind("parking", "Parking", "Your reservation, your time running out, your car.")
STAFF = Kind(
    "staff",
    "Running the venue",
    "Disputes, low stock, payouts, and systems that do not answer.",
    for_staff=True,
)
KINDS = {kind.name: kind for kind in (ACCOUNT, MONEY, TICKETS, EVENTS, CHANGES, FOOD, PARKING, STAFF)}

_MESSAGES: dict[str, Message] = {
    **dict.fromkeys(
        ["verify_email", "reset_password", "phone_code", "password_changed", "email_changed"], Message(ACCOUNT)
    ),
    "staff_invited": Message(ACCOUNT),
    "new_sign_in": Message(ACCOUNT),
    "second_factor_changed": Message(ACCOUNT),
    "event_cancelled": Message(CHANGES),
    "event_moved": Message(CHANGES),
    "event_tomorrow": Message(EVENTS, waits=True),
    "doors_open": Message(EVENTS),
    "payout_account_needs": Message(STAFF, waits=True),
    "event_news": Message(EVENTS, waits=True),
    "order_paid": Message(MONEY),
    "order_refunded": Message(MONEY),
    "refund_came_back": Message(MONEY),
    "parking_receipt": Message(MONEY),
    "parking_refunded": Message(MONEY),
    **dict.fromkeys(
        ["fulfilment_accepted", "fulfilment_ready", "fulfilment_on_its_way", "fulfilment_refused"], Message(FOOD)
    ),
    **dict.fromkeys(
        ["transfer_offered", "transfer_withdrawn", "transfer_taken", "transfer_not_taken"], Message(TICKETS)
    ),
    # A turn lasts an hour: it does not wait for the morning.
    "waitlist_turn": Message(TICKETS),
    "parking_confirmed": Message(PARKING, waits=True),
    "parking_changed": Message(PARKING, waits=True),
    "parking_cancelled": Message(PARKING, waits=True),
    "parking_no_show": Message(PARKING, waits=True),
    "parking_expiring": Message(PARKING),
    "parking_overstay": Message(PARKING),
    "valet_ready": Message(PARKING),
    "valet_incident": Message(STAFF),
    "dispute_opened": Message(STAFF),
    "dispute_closed": Message(STAFF),
    "low_stock": Message(STAFF),
    "report_ready": Message(STAFF),
    "webhook_failing": Message(STAFF),
}
#: A template that nobody listed is taken for one that can't be switched off and does not wait.
_UNLISTED = Message(ACCOUNT)


def of(template: str) -> Message:
    """What the message is about."""
    return _MESSAGES.get(template, _UNLISTED)


def templates() -> list[str]:
    """Every message there is, by name."""
    return sorted(_MESSAGES)
