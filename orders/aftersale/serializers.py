"""Tips and ratings as an order shows them, and ratings as their buyer gives them."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from rest_framework import serializers

from orders.aftersale.models import COMMENT_LENGTH
from orders.models import OrderRating, OrderTip
from trufan.lib.serializing import ModelSerializer

#: What a browser would read as markup; "I <3 it" is none.
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class TipSerializer(ModelSerializer):
    """A tip that came after the sale."""

    amount = serializers.IntegerField(source="amount_total")

    class Meta:
        model = OrderTip
        fields = ["id", "status", "amount", "amount_refunded", "currency", "created_at", "paid_at"]
        read_only_fields = fields


class RatingSerializer(ModelSerializer):
    """Stars for the whole order, or for one outlet's part of it."""

    outlet = serializers.UUIDField(
        source="outlet_id", required=False, allow_null=True, default=None, help_text="Left out: the whole order."
    )
    stars = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=COMMENT_LENGTH, help_text="Plain text."
    )
    rated_at = serializers.DateTimeField(source="updated_at", read_only=True)

    class Meta:
        model = OrderRating
        fields = ["outlet", "stars", "comment", "rated_at"]

    def validate_comment(self, comment: str) -> str:
        if _MARKUP.search(comment) or _CONTROL.search(comment.replace("\r\n", "\n")):
            raise serializers.ValidationError(gettext("A comment is plain text, without markup."))
        return comment
