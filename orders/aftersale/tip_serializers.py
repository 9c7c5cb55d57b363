"""What is asked about a tip. Amounts are integers in minor units of the order's currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from orders.serializers import PaySerializer
from trufan.lib.money import MAX_AMOUNT


class TipAskedSerializer(PaySerializer):
    """Either an amount, or a percentage of what the food and drink cost before tax."""

    amount = serializers.IntegerField(min_value=1, max_value=MAX_AMOUNT, required=False, help_text="Minor units.")
    percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=Decimal(100), required=False
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("amount" in given) == ("percent" in given):
            raise serializers.ValidationError({"amount": gettext("Give an amount or a percentage, one of them.")})
        return given

    def asked(self) -> dict[str, Any]:
        """What the rule is asked for."""
        percent = self.validated_data.get("percent")
        return {
            "amount": self.validated_data.get("amount"),
            "ppm": None if percent is None else int(percent * 10_000),
            "payment_method": self.validated_data["payment_method"],
        }


class TipRefundSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200, help_text="Kept with the refund.")
