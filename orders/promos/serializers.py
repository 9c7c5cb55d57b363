"""Promo codes as their venue's staff read and write them. Amounts are minor units of its currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from events.models import Event
from orders.models import Outlet, Product
from orders.promos import managing
from orders.promos.models import PromoCode, PromoUse
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from venues.models import FeeRule

MAX_COUNT = 1_000_000_000


class OwnRowField(serializers.PrimaryKeyRelatedField):
    """A row of the venue that the view is about; any other is unknown."""

    def __init__(self, at: str = "venue", **kwargs: Any) -> None:
        self.at = at
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.filter(**{self.at: self.context["venue"]})


class TermsSerializer(serializers.Serializer):
    """What a code takes off what, when, and how often."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    kind = serializers.ChoiceField(choices=PromoCode.Kind.choices)
    ppm = serializers.IntegerField(
        required=False, min_value=0, max_value=1_000_000, help_text="`percent`, `parking`: millionths; 10 % is 100000."
    )
    amount = serializers.IntegerField(required=False, min_value=0, max_value=MAX_AMOUNT, help_text="`fixed`.")
    pieces = serializers.IntegerField(required=False, min_value=1, max_value=1000, help_text="`free_item`.")
    maximum = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_AMOUNT)
    event = OwnRowField(queryset=Event.objects.all(), required=False, allow_null=True)
    item_type = serializers.ChoiceField(choices=FeeRule.Kind.choices, required=False, allow_blank=True)
    outlet = OwnRowField(queryset=Outlet.objects.all(), required=False, allow_null=True)
    product = OwnRowField("outlet__venue", queryset=Product.objects.all(), required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    total_limit = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_COUNT)
    per_person_limit = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_COUNT)
    is_stackable = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class PromoCodeChangeSerializer(TermsSerializer):
    code = serializers.CharField(max_length=40, help_text="Letters, digits, - and _; kept in capitals.")


class BatchSerializer(TermsSerializer):
    """Many codes of the same terms, each for one order unless `total_limit` says otherwise."""

    batch = serializers.CharField(max_length=60, help_text="A name that the venue has no batch of yet.")
    count = serializers.IntegerField(min_value=1, max_value=managing.MAX_BATCH)
    prefix = serializers.CharField(required=False, allow_blank=True, max_length=20)


class PromoCodeSerializer(ModelSerializer):
    class Meta:
        model = PromoCode
        fields = ["id", *managing.FIELDS, "batch", "used", "created_at"]
        read_only_fields = fields


class BatchMadeSerializer(serializers.Serializer):
    batch = serializers.CharField()
    codes = serializers.ListField(child=serializers.CharField())


class PromoUseSerializer(ModelSerializer):
    """`held` while the order is pending, `used` once it is paid, `released` when it ended unpaid."""

    number = serializers.CharField(source="order.number")
    currency = serializers.CharField(source="order.currency")

    class Meta:
        model = PromoUse
        fields = ["id", "order", "number", "status", "discount", "currency", "created_at"]
        read_only_fields = fields
