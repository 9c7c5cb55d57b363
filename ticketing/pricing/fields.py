"""What a cart says about prices: its fields, the rules about them, and the counters that follow it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from orders import cart_rules, line_fields
from ticketing import steps
from ticketing.models import TicketType
from ticketing.pricing import bundling, cart_checks, counting, unlocking
from trufan.lib.money import MAX_AMOUNT

MAX_CODES, MAX_BUNDLES = 10, 10
TICKET = TicketType.sellable_type


class KeyField(serializers.UUIDField):
    """An id as text, which is how an order keeps it."""

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]
        return str(super().to_internal_value(data))


def _release() -> serializers.Field:
    return KeyField(
        required=False,
        help_text=_(
            "A ticket's price: the id of one of its `releases`, or its own id for the price that "
            "comes after them. Without it, that of the release that is open."
        ),
    )


def _amount() -> serializers.Field:
    return serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_AMOUNT,
        help_text=_(
            "For a ticket with a `min_price`: what the buyer gives for each, in minor units before fees and tax."
        ),
    )


def _codes() -> serializers.Field:
    return serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=MAX_CODES,
        help_text=_("Words that open hidden ticket types."),
    )


class CartBundleSerializer(serializers.Serializer):
    """So many of one bundle."""

    id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=100)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        return dict(super().to_internal_value(data))


def _bundles() -> serializers.Field:
    return CartBundleSerializer(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=MAX_BUNDLES,
        help_text=_("Tickets that are sold together, beside `items`."),
    )


def _bundle() -> serializers.Field:
    """Not to be said of a line: the cart's `bundles` say it."""
    return serializers.UUIDField(read_only=True, help_text=_("The bundle that the line is a part of."))


def connect() -> None:
    """Let carts, orders and sales know. Called once, from `TicketingConfig.ready()`."""
    line_fields.register(line_fields.LineField(TICKET, "release", _release, shown=serializers.UUIDField))
    line_fields.register(line_fields.LineField(TICKET, "amount", _amount))
    line_fields.register(line_fields.LineField(TICKET, "bundle", _bundle, shown=serializers.UUIDField))
    line_fields.register_cart(line_fields.CartField(bundling.FIELD, _bundles, lines=bundling.lines_of))
    line_fields.register_cart(line_fields.CartField(unlocking.FIELD, _codes))
    for rule in (cart_checks.opened, cart_checks.enough_at_the_price, cart_checks.with_parents):
        cart_rules.register(rule)
    steps.reserved.append(counting.reserved)
    steps.released.append(counting.released)
    steps.reheld.append(counting.reheld)
    steps.sold.append(counting.sold)
    steps.returned.append(counting.returned)
    unlocking.watch_guesses()
