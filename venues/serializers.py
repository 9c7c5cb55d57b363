"""How venues, their staff and their taxes look to clients."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from accounts.grants import Permission
from accounts.models import User
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from venues import roles
from venues.fields import ConfigurationField, DegreesField, StaffFieldsMixin
from venues.models import TaxRate, Venue, VenueStaff, validate_country
from venues.permissions import holds

WHOLE = 1_000_000


class CountryField(serializers.CharField):
    """An ISO 3166-1 code, in either case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_length": 2, "max_length": 2, "validators": [validate_country], **kwargs})

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).upper()


class VenueSerializer(ModelSerializer):
    """A venue as fans see it."""

    distance_metres = serializers.SerializerMethodField(help_text="From the given point, rounded; null without one.")

    class Meta:
        model = Venue
        fields = [
            "id", "name", "slug", "description", "street", "city", "region", "postal_code", "country", "latitude",
            "longitude", "time_zone", "currency", "contact_email", "contact_phone", "distance_metres",
        ]  # fmt: skip

    def get_distance_metres(self, venue: Venue) -> int | None:
        distance = getattr(venue, "distance_metres", None)
        return None if distance is None else round(distance)


class VenueDetailSerializer(StaffFieldsMixin, VenueSerializer):
    """A venue in full; configuration, fees and state only for its staff. Also what is sent to open or change one."""

    slug = serializers.SlugField(max_length=80, required=False, help_text="Made from the name when left out.")
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    country = CountryField(help_text="ISO 3166-1 alpha-2.")
    latitude = DegreesField(min_value=-90, max_value=90, required=False, allow_null=True, help_text="WGS 84 degrees.")
    longitude = DegreesField(
        min_value=-180, max_value=180, required=False, allow_null=True, help_text="WGS 84 degrees."
    )
    contact_phone = PhoneNumberField(required=False, allow_blank=True)
    configuration = ConfigurationField(required=False)
    ticket_fee_fixed = serializers.IntegerField(
        min_value=0, max_value=MAX_AMOUNT, required=False, help_text="Service fee on each ticket, in minor units."
    )
    ticket_fee_ppm = serializers.IntegerField(
        min_value=0, max_value=WHOLE, required=False, help_text="Service fee on the price, in millionths."
    )

    staff_fields = frozenset({"configuration", "ticket_fee_fixed", "ticket_fee_ppm", "is_active"})

    class Meta(VenueSerializer.Meta):
        fields = [*VenueSerializer.Meta.fields, "configuration", "ticket_fee_fixed", "ticket_fee_ppm", "is_active"]
        extra_kwargs = {"is_active": {"required": False}}

    def may_see_staff_fields(self, venue: Venue) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, venue)

    def validate_slug(self, slug: str) -> str:
        return slug.lower()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        place = {name: given.get(name, getattr(self.instance, name, None)) for name in ("latitude", "longitude")}
        missing = [name for name, value in place.items() if value is None]
        if len(missing) == 1:
            raise serializers.ValidationError(
                {missing[0]: gettext("Give latitude and longitude together.")}, code="required"
            )
        return given


class PersonSerializer(ModelSerializer):
    """A person as their colleagues see them."""

    class Meta:
        model = User
        fields = ["id", "email", "first_name", "last_name"]
        read_only_fields = fields


class VenueStaffSerializer(ModelSerializer):
    """A person's place at a venue."""

    user = PersonSerializer(read_only=True)
    extra_permissions = serializers.ListField(child=serializers.ChoiceField(Permission.choices), read_only=True)
    permissions = serializers.SerializerMethodField(help_text="All that the person may do here.")

    class Meta:
        model = VenueStaff
        fields = ["id", "user", "role", "extra_permissions", "permissions", "is_active", "created_at"]
        read_only_fields = fields

    def get_permissions(self, place: VenueStaff) -> list[str]:
        return sorted(roles.held(place.role, place.extra_permissions)) if place.is_active else []


class ExtraPermissionsField(serializers.ListField):
    """Permissions beyond those of the role."""

    child = serializers.ChoiceField(Permission.choices)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": len(Permission), **kwargs})


class InviteSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(VenueStaff.Role.choices)
    extra_permissions = ExtraPermissionsField(default=list)


class StaffChangeSerializer(serializers.Serializer):
    role = serializers.ChoiceField(VenueStaff.Role.choices, required=False)
    extra_permissions = ExtraPermissionsField(required=False)


class TaxRateSerializer(ModelSerializer):
    """A tax that a venue charges on a category of what it sells."""

    rate_ppm = serializers.IntegerField(min_value=0, max_value=WHOLE, help_text="Millionths: 8.875 % is 88750.")

    class Meta:
        model = TaxRate
        fields = ["id", "name", "category", "rate_ppm", "is_inclusive", "is_active"]
        # The rule answers a name that is taken, for which it needs the venue; here it is not known.
        validators: list[Any] = []
