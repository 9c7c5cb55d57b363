"""The menu as everybody sees it. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from orders.menu import availability
from orders.menu.models import Daypart, OpeningHours, Option, OptionGroup, Outlet, Product, ProductVariant
from orders.menu.vocabulary import Allergen, DietaryMark
from trufan.lib.serializing import ModelSerializer, shown
from venues.fields import StaffFieldsMixin
from venues.permissions import holds


class WallClockField(serializers.TimeField):
    """A time as the venue's clocks show it: `18:30`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%H:%M", "input_formats": ["%H:%M"], **kwargs})


class OpeningHoursSerializer(ModelSerializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday, 6 is Sunday.")
    opens_at = WallClockField(help_text="By the venue's clocks, such as 18:30.")
    closes_at = WallClockField(help_text="Not after `opens_at`: on the next day.")

    class Meta:
        model = OpeningHours
        fields = ["weekday", "opens_at", "closes_at"]


class OutletSerializer(StaffFieldsMixin, ModelSerializer):
    """An outlet; whether it is in use and who receives its money only for staff. Needs `now` in its context."""

    venue = serializers.UUIDField(source="venue_id")
    is_open = serializers.SerializerMethodField(help_text="Whether it takes orders now.")
    wait_seconds = serializers.IntegerField(help_text="How long an order placed now will take: an estimate.")
    opening_hours = OpeningHoursSerializer(many=True, help_text="What counts where `hours` is `clock`.")
    is_active = serializers.BooleanField(required=False)
    prep_seconds = serializers.IntegerField(required=False)
    makes_at_once = serializers.IntegerField(required=False)
    busy_seconds = serializers.IntegerField(required=False)
    connected_account = serializers.UUIDField(source="connected_account_id", required=False, allow_null=True)

    staff_fields = frozenset({"is_active", "prep_seconds", "makes_at_once", "busy_seconds", "connected_account"})

    class Meta:
        model = Outlet
        fields = [
            "id", "venue", "name", "description", "kind", "location", "status", "is_open", "wait_seconds", "hours",
            "opening_hours", "offers_pickup", "offers_seat_delivery", "service_charge_ppm", "position", "is_active",
            "prep_seconds", "makes_at_once", "busy_seconds", "connected_account",
        ]  # fmt: skip
        read_only_fields = fields

    def may_see_staff_fields(self, row: Outlet) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.venue_id)

    def get_is_open(self, outlet: Outlet) -> bool:
        return availability.is_open(outlet, self.context["now"])


class DaypartSerializer(ModelSerializer):
    starts_at = WallClockField(help_text="By the venue's clocks, such as 07:00.")
    ends_at = WallClockField(help_text="Not after `starts_at`: on the next day.")

    class Meta:
        model = Daypart
        fields = ["id", "name", "starts_at", "ends_at"]
        validators: list[Any] = []


class OptionSerializer(ModelSerializer):
    price_delta = serializers.IntegerField(help_text="What one pick changes the price by.")

    class Meta:
        model = Option
        fields = ["id", "name", "price_delta", "is_available", "position"]
        read_only_fields = fields


class OptionGroupSerializer(ModelSerializer):
    is_required = serializers.SerializerMethodField()
    options = OptionSerializer(many=True)

    class Meta:
        model = OptionGroup
        fields = ["id", "name", "minimum", "maximum", "is_required", "position", "options"]
        read_only_fields = fields

    def get_is_required(self, group: OptionGroup) -> bool:
        return group.minimum > 0


class MenuVariantSerializer(ModelSerializer):
    price = serializers.IntegerField(help_text="Before options, fees and tax.")
    is_available = serializers.SerializerMethodField(help_text="Whether one is left.")

    class Meta:
        model = ProductVariant
        fields = ["id", "name", "price", "is_available"]
        read_only_fields = fields

    def get_is_available(self, variant: ProductVariant) -> bool:
        return variant.left > 0


class MenuProductSerializer(ModelSerializer):
    """A product as the menu shows it. Needs `now` and `events` in its context."""

    picture = serializers.ImageField(allow_null=True)
    allergens = serializers.ListField(child=serializers.ChoiceField(Allergen.choices))
    dietary_marks = serializers.ListField(child=serializers.ChoiceField(DietaryMark.choices))
    events = serializers.SerializerMethodField(help_text="The events it is sold for; empty: any, and none at all.")
    dayparts = DaypartSerializer(many=True)
    variants = serializers.SerializerMethodField()
    option_groups = OptionGroupSerializer(many=True)
    is_available = serializers.SerializerMethodField(help_text="Whether it can be ordered now.")
    unavailable_because = serializers.SerializerMethodField(help_text="Why not, for people; empty where it can.")

    class Meta:
        model = Product
        fields = [
            "id", "name", "description", "kind", "picture", "allergens", "dietary_marks", "minimum_age",
            "max_per_order", "events", "dayparts", "is_available", "unavailable_because", "variants", "option_groups",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_events(self, product: Product) -> list[UUID]:
        return [event.pk for event in product.events.all()]

    @extend_schema_field(MenuVariantSerializer(many=True))
    def get_variants(self, product: Product) -> Any:
        return [shown(MenuVariantSerializer, variant) for variant in _sold(product)]

    def get_is_available(self, product: Product) -> bool:
        return not self.get_unavailable_because(product)

    def get_unavailable_because(self, product: Product) -> str:
        refusal = availability.why_not(product, self.context["now"], self.context["events"])
        if refusal:
            return refusal.message
        return (
            ""
            if any(variant.left > 0 for variant in _sold(product))
            else gettext("{product} is sold out.").format(product=product)
        )


class MenuCategorySerializer(serializers.Serializer):
    name = serializers.CharField(help_text="The heading; empty for products without one.")
    products = MenuProductSerializer(many=True)


class MenuSerializer(serializers.Serializer):
    """Everything that an outlet sells, under its headings."""

    outlet = OutletSerializer(source="*")
    currency = serializers.CharField(source="venue.currency", help_text="ISO 4217.")
    categories = serializers.SerializerMethodField()

    @extend_schema_field(MenuCategorySerializer(many=True))
    def get_categories(self, outlet: Outlet) -> Any:
        products = list(outlet.products.filter(is_active=True).with_menu())
        for product in products:
            product.outlet = outlet
        show = MenuProductSerializer(context=self.context).to_representation
        headings = _headings(product for product in products if _sold(product))
        return [{"name": name, "products": [show(product) for product in below]} for name, below in headings.items()]


def menu_context(request: Any, now: datetime, event_id: UUID | None = None) -> dict[str, Any]:
    """What the serializers above need to know of who asks, and when."""
    return {"request": request, "now": now, "events": frozenset({event_id} - {None})}


def _sold(product: Product) -> list[ProductVariant]:
    return [variant for variant in product.variants.all() if variant.is_active]


def _headings(products: Iterable[Product]) -> dict[str, list[Product]]:
    """The products under their headings; a heading stands where its first product does."""
    found: dict[str, list[Product]] = {}
    for product in products:
        found.setdefault(product.category, []).append(product)
    return found
