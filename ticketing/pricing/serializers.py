"""Prices, codes and bundles as the API reads and shows them. Amounts are minor units of the venue's currency."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from events.serializers import TimeField
from events.times import to_utc
from orders.promos.managing import MAX_BATCH
from ticketing.models import TicketType
from ticketing.pricing import bundling
from ticketing.pricing.models import Bundle, BundleLine, TicketRelease, UnlockCode
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

MAX_COUNT = 1_000_000
_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."


class EventTypeField(serializers.PrimaryKeyRelatedField):
    """A ticket type of the `event` in the context; any other is unknown."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", TicketType.objects.all())
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.filter(event=self.context["event"])


class _TimesSerializer(serializers.Serializer):
    """Reads `times` by the clocks of the venue of the `event` in the context."""

    times: tuple[str, ...] = ()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        zone = self.context["event"].venue.zone
        said = {name: given[name] for name in self.times if given.get(name) is not None}
        return {**given, **{name: to_utc(value, zone, name) for name, value in said.items()}}


class TicketReleaseSerializer(StaffFieldsMixin, ModelSerializer):
    """A price until a date, for so many tickets, or both; the counters only for staff of its venue."""

    price = serializers.IntegerField(help_text="Before the service fee and tax.")
    left = serializers.IntegerField(allow_null=True, help_text="At this price; null: as many as there are tickets.")
    is_open = serializers.SerializerMethodField(help_text="The first open one by `position` is what it costs now.")
    quantity = serializers.IntegerField(required=False, allow_null=True)
    held = serializers.IntegerField(required=False)
    sold = serializers.IntegerField(required=False)

    staff_fields = frozenset({"quantity", "held", "sold"})

    class Meta:
        model = TicketRelease
        fields = ["id", "name", "price", "until", "left", "is_open", "position", "quantity", "held", "sold"]
        read_only_fields = fields

    def may_see_staff_fields(self, row: TicketRelease) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.ticket_type.event.venue_id)

    def get_is_open(self, row: TicketRelease) -> bool:
        return row.is_open(self.context["now"])


class TicketReleaseChangeSerializer(_TimesSerializer):
    """What may be said about a release: `until`, `quantity`, or both."""

    times = ("until",)

    name = serializers.CharField(max_length=80)
    price = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, help_text="Before the service fee and tax.")
    until = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    quantity = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_COUNT)
    position = serializers.IntegerField(required=False, min_value=0, max_value=10_000)


class UnlockCodeSerializer(ModelSerializer):
    event = serializers.UUIDField(source="event_id")
    ticket_types: serializers.PrimaryKeyRelatedField[Any] = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True
    )
    used = serializers.IntegerField(help_text="Tickets held and bought with it.")

    class Meta:
        model = UnlockCode
        fields = [
            "id", "event", "code", "name", "ticket_types", "max_uses", "used", "starts_at", "ends_at", "is_active",
            "batch", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class _UnlockTermsSerializer(_TimesSerializer):
    times = ("starts_at", "ends_at")

    name = serializers.CharField(required=False, allow_blank=True, max_length=120, help_text="Buyers don't see it.")
    ticket_types = EventTypeField(many=True, help_text="What it opens.")
    max_uses = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_COUNT, help_text="So many tickets; null: no limit."
    )
    starts_at = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    ends_at = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    is_active = serializers.BooleanField(required=False)


class UnlockCodeChangeSerializer(_UnlockTermsSerializer):
    code = serializers.CharField(max_length=40, help_text="Letters, digits, - and _; kept in capitals.")


class UnlockBatchSerializer(_UnlockTermsSerializer):
    """Many codes that open the same, each for one ticket unless `max_uses` says otherwise."""

    batch = serializers.CharField(max_length=60, help_text="A name that the event has no batch of yet.")
    count = serializers.IntegerField(min_value=1, max_value=MAX_BATCH)
    prefix = serializers.CharField(required=False, allow_blank=True, max_length=20)


class BundleLineSerializer(ModelSerializer):
    name = serializers.CharField(source="ticket_type.name")
    ticket_type = serializers.UUIDField(source="ticket_type_id")

    class Meta:
        model = BundleLine
        fields = ["ticket_type", "name", "count"]
        read_only_fields = fields


class BundleSerializer(ModelSerializer):
    """Tickets sold together; `price` is what one bundle costs, before fees and tax."""

    event = serializers.UUIDField(source="event_id")
    price = serializers.SerializerMethodField(help_text="Of the whole bundle.")
    percent_off = serializers.SerializerMethodField(help_text="Off the single prices; null where it has its own price.")
    single_price = serializers.SerializerMethodField(help_text="What its tickets cost one by one.")
    currency = serializers.CharField(source="event.venue.currency", help_text="ISO 4217.")
    lines = BundleLineSerializer(many=True)
    left = serializers.SerializerMethodField(help_text="How many could be bought now, by the tickets that are left.")

    class Meta:
        model = Bundle
        fields = [
            "id", "event", "name", "description", "price", "percent_off", "single_price", "currency", "lines", "left",
            "max_per_order", "position", "is_active",
        ]  # fmt: skip
        read_only_fields = fields

    def get_price(self, row: Bundle) -> int:
        return bundling.price_of(row)

    def get_single_price(self, row: Bundle) -> int:
        return bundling.single_price_of(row)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_percent_off(self, row: Bundle) -> float | None:
        return row.ppm / 10_000 if row.price is None else None

    def get_left(self, row: Bundle) -> int:
        return bundling.left_of(row)


class BundlePartSerializer(serializers.Serializer):
    ticket_type = EventTypeField()
    count = serializers.IntegerField(min_value=1, max_value=bundling.MOST_TICKETS)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A change of a bundle may leave its lines out, and no part of a line."""
        missing = [name for name in ("ticket_type", "count") if name not in given]
        if missing:
            raise serializers.ValidationError(dict.fromkeys(missing, "This field is required."), "required")
        return given


class BundleChangeSerializer(serializers.Serializer):
    """What may be said about a bundle: a `price` for the whole, or `ppm`."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    price = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MAX_AMOUNT, help_text="Null: by percent."
    )
    ppm = serializers.IntegerField(
        required=False, min_value=0, max_value=1_000_000, help_text="Millionths off: 10 % is 100000."
    )
    lines = BundlePartSerializer(many=True, min_length=1, max_length=bundling.MOST_LINES)  # type: ignore[call-arg]
    max_per_order = serializers.IntegerField(required=False, min_value=1, max_value=100)
    position = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    is_active = serializers.BooleanField(required=False)

    def parts(self) -> dict[str, Any]:
        """What was said, the lines as `(ticket type, count)`."""
        given = dict(self.validated_data)
        if "lines" in given:
            given["lines"] = [(each["ticket_type"], each["count"]) for each in given["lines"]]
        return given
