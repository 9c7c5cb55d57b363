"""Where slots take part in a sale: the field of a cart's line, its rule, and the counters that move with it."""

from __future__ import annotations

from rest_framework import serializers

from events.series import copying
from events.signals import event_moved
from orders import cart_rules, inventory_check, line_fields
from orders.line_fields import LineField
from ticketing import steps
from ticketing.manifest import parts
from ticketing.models import TicketType
from ticketing.slots import cart, copies, counting, in_manifest, moving, proof
from ticketing.slots.serializers import SlotKeyField


def connect() -> None:
    """Once, when the app is ready."""
    line_fields.register(
        LineField(
            kind=TicketType.sellable_type,
            name=counting.KEY,
            make=lambda: SlotKeyField(
                required=False, allow_null=True, help_text="Where the ticket type `needs_slot`: one of the event's."
            ),
            shown=lambda **how: serializers.UUIDField(**how),
        )
    )
    cart_rules.register(cart.refuse_wrong_slots)
    copying.register("slots", copies.slots)
    steps.reserving.append(counting.reserve)
    steps.releasing.append(counting.release)
    steps.reholding.append(counting.rehold)
    steps.issued.append(counting.issue)
    steps.voided.append(counting.void)
    event_moved.connect(moving.follow, dispatch_uid="ticketing.slots.follow")
    inventory_check.register("slots", proof.differences)
    parts.add_column(in_manifest.NAME, "slot_id", in_manifest.legend)
