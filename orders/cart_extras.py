"""What the API takes in a cart beside its lines: a tip, promo codes, where to deliver, and the event."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders import line_fields
from orders.cart import Extras
from orders.kitchen.serializers import DeliverySerializer
from orders.pricing import NO_TIP, Tip
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import TakenSerializer

MAX_CODES = 5
_AMOUNT = {"type": "integer", "minimum": 0, "maximum": MAX_AMOUNT}


@extend_schema_field(
    {
        "oneOf": [
            _AMOUNT,
            {"type": "object", "properties": {"amount": _AMOUNT}, "required": ["amount"]},
            {
                "type": "object",
                "properties": {"percent": {"type": "number", "minimum": 0, "maximum": 100}},
                "required": ["percent"],
            },
        ],
        "description": "Minor units, or percent of the food without tax. Only with food; untaxed, and no fee is taken.",
    }
)
class TipField(serializers.Field):
    """`500`, `{"amount": 500}` or `{"percent": 18}`."""

    _amount = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT)
    _percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))
    # Braces are doubled: these texts are formatted.
    default_error_messages = {"shape": 'Give an amount in minor units, {{"amount": 500}} or {{"percent": 18}}.'}

    def to_internal_value(self, given: Any) -> Tip:
        if isinstance(given, int) and not isinstance(given, bool):
            given = {"amount": given}
        if not isinstance(given, dict) or len(given) != 1 or isinstance(next(iter(given.values())), bool):
            self.fail("shape")
        if "amount" in given:
            return Tip(self._amount.run_validation(given["amount"]))
        if "percent" in given:
            return Tip(ppm=int(self._percent.run_validation(given["percent"]) * 10_000))
        self.fail("shape")

    def to_representation(self, tip: Tip) -> dict[str, Any]:
        return {"amount": tip.amount} if tip.ppm is None else {"percent": tip.ppm / 10_000}


class ExtrasSerializer(TakenSerializer):
    tip = TipField(required=False, allow_null=True)
    promo_code = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=60)
    promo_codes = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=MAX_CODES,
        help_text="In place of `promo_code`: several, where they may be combined.",
    )
    delivery = DeliverySerializer(required=False, allow_null=True)
    event = serializers.UUIDField(
        required=False, allow_null=True, help_text="What the buyer comes for; a ticket in the cart says so as well."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **line_fields.for_carts()}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("promo_code") and given.get("promo_codes"):
            raise serializers.ValidationError({"promo_codes": gettext("Give promo_code or promo_codes, not both.")})
        return given

    def extras_given(self) -> dict[str, Any]:
        """Those fields of `Extras` that were given."""
        given, extras = self.validated_data, {}
        if "tip" in given:
            extras["tip"] = given["tip"] or NO_TIP
        if "promo_code" in given or "promo_codes" in given:
            one = given.get("promo_code")
            extras["codes"] = (one,) if one else tuple(given.get("promo_codes", ()))
        if "delivery" in given:
            extras["delivery"] = dict(given["delivery"] or {})
        if "event" in given:
            extras["event_id"] = given["event"]
        if asks := line_fields.asked_of_cart(given):
            extras["asks"] = asks
        return extras

    def extras(self) -> Extras:
        return Extras(**self.extras_given())
