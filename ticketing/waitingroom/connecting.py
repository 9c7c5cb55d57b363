"""The gate that carts pass while an event's waiting room is shut."""

from __future__ import annotations

from orders import cart_rules, line_fields
from ticketing import steps
from ticketing.waitingroom import admitting, gate, telling
from ticketing.waitingroom.serializers import admission_field
from trufan.lib import sweeps


def connect() -> None:
    """Once, when the app is ready."""
    sweeps.register("ticketing.waitingroom", admitting.sweep)
    telling.connect()
    line_fields.register_cart(line_fields.CartField(gate.FIELD, admission_field))
    cart_rules.register(gate.refuse_without_pass)
    steps.reserving.append(gate.note_order)
    steps.reholding.append(gate.note_change)
    steps.issued.append(gate.note_paid)
