"""Where those who come take part in a sale: the field of a cart's line, its rule, and what becomes of it."""

from __future__ import annotations

from events.series import copying
from orders import cart_rules, line_fields
from orders.line_fields import LineField
from ticketing import steps
from ticketing.attendees import cart, copies, keeping
from ticketing.attendees.serializers import AttendeeGivenSerializer
from ticketing.models import TicketType

#: As many as one line may have pieces.
MOST = 1_000


def connect() -> None:
    """Once, when the app is ready."""
    line_fields.register(
        LineField(
            kind=TicketType.sellable_type,
            name=keeping.KEY,
            make=lambda: AttendeeGivenSerializer(many=True, required=False, max_length=MOST),  # type: ignore[call-arg]
        )
    )
    cart_rules.register(cart.refuse_unclear)
    copying.register("questions", copies.questions)
    steps.issued.append(keeping.move_to_tickets)
