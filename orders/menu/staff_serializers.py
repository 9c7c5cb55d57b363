"""What staff say about outlets and products, and the counters they see."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from events.models import Event
from orders.menu.models import Daypart, Option, OptionGroup, Outlet, Product, ProductVariant
from orders.menu.serializers import (
    DaypartSerializer,
    MenuProductSerializer,
    OpeningHoursSerializer,
)
from orders.menu.vocabulary import Allergen, DietaryMark
from payments.models import ConnectedAccount
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from venues.models import TaxRate

WHOLE = 1_000_000
MAX_QUANTITY = 1_000_000
MAX_SECONDS = 24 * 60 * 60


def _position(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=10_000, required=False, **kwargs)


def _quantity(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MAX_QUANTITY, required=False, allow_null=True, **kwargs)


class OutletChangeSerializer(ModelSerializer):
    """What may be said about an outlet; needs the `venue` in its context."""

    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    prep_seconds = serializers.IntegerField(min_value=0, max_value=MAX_SECONDS, required=False)
    makes_at_once = serializers.IntegerField(
        min_value=1, max_value=100, required=False, help_text="How many orders it works on at the same time."
    )
    busy_seconds = serializers.IntegerField(min_value=0, max_value=MAX_SECONDS, required=False)
    service_charge_ppm = serializers.IntegerField(min_value=0, max_value=WHOLE, required=False)
    position = _position()
    opening_hours = OpeningHoursSerializer(many=True, required=False, max_length=50)  # type: ignore[call-arg]

    class Meta:
        model = Outlet
        fields = [
            "name", "description", "kind", "location", "hours", "opening_hours", "prep_seconds", "makes_at_once",
            "busy_seconds", "offers_pickup", "offers_seat_delivery", "service_charge_ppm", "connected_account",
            "position", "is_active",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        venue = self.context.get("venue")
        mine = ConnectedAccount.objects.filter(venue_id=venue.pk) if venue else ConnectedAccount.objects.none()
        fields["connected_account"].queryset = mine
        return fields


class StatusSerializer(serializers.Serializer):
    status = serializers.ChoiceField(Outlet.Status.choices)


class DaypartChangeSerializer(DaypartSerializer):
    class Meta(DaypartSerializer.Meta):
        fields = ["name", "starts_at", "ends_at"]


class VariantSerializer(ModelSerializer):
    """A variant with its stock, for staff."""

    price = serializers.IntegerField()
    left = serializers.SerializerMethodField(help_text="How many can be sold; null where nobody counts.")

    class Meta:
        model = ProductVariant
        fields = [
            "id", "name", "sku", "price", "quantity", "held", "sold", "left", "low_at", "is_low", "position",
            "is_active",
        ]  # fmt: skip
        read_only_fields = fields

    def get_left(self, variant: ProductVariant) -> int | None:
        return None if variant.quantity is None else variant.left


class VariantChangeSerializer(ModelSerializer):
    price = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, help_text="Before options, fees and tax.")
    low_at = _quantity(help_text="Warn the staff when so many are left.")
    position = _position()

    class Meta:
        model = ProductVariant
        fields = ["name", "sku", "price", "low_at", "position", "is_active"]


class VariantAddSerializer(VariantChangeSerializer):
    quantity = _quantity(help_text="How many there are; null: nobody counts.")

    class Meta(VariantChangeSerializer.Meta):
        fields = [*VariantChangeSerializer.Meta.fields, "quantity"]


class OptionChangeSerializer(ModelSerializer):
    price_delta = serializers.IntegerField(min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, required=False)
    position = _position()

    class Meta:
        model = Option
        fields = ["name", "price_delta", "is_available", "position"]


class OptionGroupChangeSerializer(ModelSerializer):
    minimum = serializers.IntegerField(min_value=0, max_value=100, required=False, help_text="1 or more: required.")
    maximum = serializers.IntegerField(min_value=1, max_value=100, required=False)
    position = _position()

    class Meta:
        model = OptionGroup
        fields = ["name", "minimum", "maximum", "position"]


class OptionGroupAddSerializer(OptionGroupChangeSerializer):
    options = OptionChangeSerializer(many=True, required=False, max_length=50)  # type: ignore[call-arg]

    class Meta(OptionGroupChangeSerializer.Meta):
        fields = [*OptionGroupChangeSerializer.Meta.fields, "options"]


class ProductSerializer(MenuProductSerializer):
    """A product as its staff see it: with what the public is not shown."""

    outlet = serializers.UUIDField(source="outlet_id")
    variants = VariantSerializer(many=True)  # type: ignore[assignment]

    class Meta(MenuProductSerializer.Meta):
        fields = [
            *MenuProductSerializer.Meta.fields, "outlet", "category", "tax_category", "is_sold_out", "position",
            "is_active",
        ]  # fmt: skip
        read_only_fields = fields


class ProductChangeSerializer(ModelSerializer):
    """What may be said about a product; needs the `venue` in its context."""

    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    tax_category = serializers.ChoiceField(
        TaxRate.Category.choices, required=False, help_text="Left out: `food`, or `merchandise` for merchandise."
    )
    allergens = serializers.ListField(
        child=serializers.ChoiceField(Allergen.choices), required=False, max_length=len(Allergen)
    )
    dietary_marks = serializers.ListField(
        child=serializers.ChoiceField(DietaryMark.choices), required=False, max_length=len(DietaryMark)
    )
    minimum_age = serializers.IntegerField(min_value=0, max_value=99, required=False)
    max_per_order = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    position = _position()

    class Meta:
        model = Product
        fields = [
            "name", "description", "kind", "category", "tax_category", "allergens", "dietary_marks", "minimum_age",
            "max_per_order", "events", "dayparts", "position", "is_active",
        ]  # fmt: skip
        extra_kwargs = {"events": {"required": False}, "dayparts": {"required": False}}

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        venue = self.context.get("venue")
        for name, table in (("events", Event), ("dayparts", Daypart)):
            rows = table.objects.filter(venue=venue) if venue else table.objects.none()
            fields[name].child_relation.queryset = rows
        return fields


class ProductAddSerializer(ProductChangeSerializer):
    variants = VariantAddSerializer(many=True, min_length=1, max_length=50)  # type: ignore[call-arg]

    class Meta(ProductChangeSerializer.Meta):
        fields = [*ProductChangeSerializer.Meta.fields, "variants"]


class StockSerializer(serializers.Serializer):
    """Either a count or a difference, and why."""

    count = _quantity(help_text="So many are there and not sold yet; null: nobody counts them any more.")
    delta = serializers.IntegerField(
        min_value=-MAX_QUANTITY, max_value=MAX_QUANTITY, required=False, help_text="So many more, or fewer."
    )
    reason = serializers.CharField(max_length=200)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("count" in given) == ("delta" in given):
            raise serializers.ValidationError({"count": gettext("Give either a count or a delta.")}, code="required")
        return given


class PictureSerializer(serializers.Serializer):
    picture = serializers.FileField(help_text="JPEG, PNG or WebP, at most 1 MB.")
