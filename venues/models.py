"""The tenants: venues, the people who run them, and the taxes they charge."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from phonenumber_field.modelfields import PhoneNumberField

from trufan.lib import words
from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField, CurrencyField
from venues.querysets import StaffQuerySet, VenueQuerySet


@cache
def _time_zones() -> frozenset[str]:
    """Read once: the answer is a walk through the files of the time zone database."""
    return frozenset(available_timezones())


def validate_time_zone(value: str) -> None:
    """Refuse what the IANA database does not list."""
    if value not in _time_zones():
        raise ValidationError(gettext("Give an IANA time zone, such as America/New_York."), code="invalid_time_zone")


#: Two-letter codes that CLDR keeps for regions which are no country of ISO 3166-1.
_NOT_COUNTRIES = frozenset("AC CP DG EA EU EZ IC QO TA UN XA XB XK ZZ".split())
_COUNTRIES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
)


def validate_country(value: str) -> None:
    """Refuse what ISO 3166-1 does not list."""
    if value not in _COUNTRIES:
        raise ValidationError(gettext("Give a two-letter ISO 3166-1 country code, such as US."), code="invalid_country")


class Venue(BaseModel):
    """A place that sells: the tenant to whom every order, event and member of staff belongs."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80)
    region = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, validators=[validate_country], help_text="ISO 3166-1 alpha-2.")
    latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)], help_text="WGS 84 degrees."
    )
    longitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)], help_text="WGS 84 degrees."
    )
    time_zone = models.CharField(max_length=60, default="UTC", validators=[validate_time_zone])
    currency = CurrencyField(default="USD")
    contact_email = models.EmailField(blank=True)
    contact_phone = PhoneNumberField(blank=True)
    configuration = models.JSONField(default=dict, blank=True)
    ticket_fee_fixed = AmountField(default=0, help_text="Service fee on each ticket, in minor units.")
    ticket_fee_ppm = models.PositiveIntegerField(
        default=0, help_text="Service fee on the ticket price, in millionths (2.5 % is 25000)."
    )
    connected_account = models.ForeignKey(
        "payments.ConnectedAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who receives the venue's shares.",
    )
    is_active = models.BooleanField(default=True)

    objects = VenueQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude=None) | models.Q(latitude__range=(-90, 90)), name="venue_latitude"
            ),
            models.CheckConstraint(
                condition=models.Q(longitude=None) | models.Q(longitude__range=(-180, 180)), name="venue_longitude"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                name="venue_coordinates_together",
            ),
            models.CheckConstraint(condition=models.Q(ticket_fee_fixed__gte=0), name="venue_fee_not_negative"),
            models.CheckConstraint(condition=models.Q(ticket_fee_ppm__lte=1_000_000), name="venue_fee_at_most_whole"),
        ]
        indexes = [
            models.Index(fields=["is_active", "name"], name="venue_active_name"),
            models.Index(fields=["latitude", "longitude"], name="venue_coordinates"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class VenueStaff(BaseModel):
    """A person's place at a venue: a role with its usual permissions, and any given on top."""

    class Role(models.TextChoices):
        MANAGER = "manager"
        BOX_OFFICE = "box_office"
        DOOR = "door"
        KITCHEN = "kitchen"
        PARKING = "parking"
        ACCOUNTANT = "accountant"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="venue_staff", db_index=False
    )
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="staff")
    role = models.CharField(max_length=20, choices=Role)
    extra_permissions = models.JSONField(default=list, blank=True, help_text="Permissions beyond those of the role.")
    is_active = models.BooleanField(default=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        ordering = ["venue", "role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "venue"], name="staff_once_per_venue"),
            models.CheckConstraint(
                condition=models.Q(role__in=["manager", "box_office", "door", "kitchen", "parking", "accountant"]),
                name="staff_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class FeeRule(BaseModel):
    """What the platform gets of each piece of one kind that a venue sells, on top for the buyer or out of the price."""

    class Kind(models.TextChoices):
        TICKET = "ticket"
        PRODUCT = "product"
        PARKING = "parking"

    class PaidBy(models.TextChoices):
        BUYER = "buyer"
        VENUE = "venue"

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="fee_rules", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind, help_text="The kind of line it is charged on.")
    paid_by = models.CharField(max_length=10, choices=PaidBy)
    fixed = AmountField(default=0, help_text="On each piece, in minor units.")
    ppm = models.PositiveIntegerField(default=0, help_text="Of the price of each, in millionths (2.5 % is 25000).")
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "platform fee"
        ordering = ["venue", "kind", "paid_by"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "kind", "paid_by"], name="fee_rule_once"),
            models.CheckConstraint(condition=models.Q(fixed__gte=0), name="fee_rule_not_negative"),
            models.CheckConstraint(condition=models.Q(ppm__lte=1_000_000), name="fee_rule_at_most_whole"),
            models.CheckConstraint(condition=models.Q(paid_by__in=["buyer", "venue"]), name="fee_rule_payer_known"),
        ]

    def __str__(self) -> str:
        return gettext("{kind}, paid by the {payer}").format(
            kind=words.within(self.kind), payer=words.within(self.paid_by)
        )


class TaxRate(BaseModel):
    """One tax a venue charges on one category of thing; several on one category add up."""

    class Category(models.TextChoices):
        TICKET = "ticket"
        FEE = "fee"
        FOOD = "food"
        BEVERAGE = "beverage"
        ALCOHOL = "alcohol"
        MERCHANDISE = "merchandise"
        PARKING = "parking"
        SERVICE_CHARGE = "service_charge"

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="tax_rates", db_index=False)
    name = models.CharField(max_length=60)
    category = models.CharField(max_length=20, choices=Category)
    rate_ppm = models.PositiveIntegerField(help_text="Millionths: 8.875 % is 88750.")
    is_inclusive = models.BooleanField(default=False, help_text="The price already contains it.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["venue", "category", "name"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "category", "name"], name="tax_once_per_name"),
            models.CheckConstraint(condition=models.Q(rate_ppm__lte=1_000_000), name="tax_at_most_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate_ppm / 10_000:g} %"


from venues.devices.models import VenueDevice as VenueDevice
from venues.seating.models import Seat as Seat
from venues.seating.models import SeatingPlan as SeatingPlan
from venues.seating.models import SeatSection as SeatSection
