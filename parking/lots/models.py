"""Lots, what kinds of space they have, their hours, numbered spaces and pictures."""

from __future__ import annotations

import secrets
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from parking.lots.querysets import LotQuerySet
from trufan.lib.ids import uuid7
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField
from venues.models import Venue, validate_country

#: The multiplier at which prices are as the tariff has them, in millionths.
ONE = 1_000_000
#: Letters and digits that are not mistaken for one another on a sign.
_SIGN_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_sign_code() -> str:
    """What stands on the lot's sign: six characters."""
    return "".join(secrets.choice(_SIGN_LETTERS) for _ in range(6))


def picture_name(photo: LotPhoto, filename: str) -> str:
    """A name of our own: nothing of what the uploader called the file."""
    return f"parking/lots/{uuid7()}.{filename.rpartition('.')[2]}"


class SpaceKind(models.TextChoices):
    """What a space is made for."""

    STANDARD = "standard"
    ACCESSIBLE = "accessible"
    EV = "ev", "EV charging"
    OVERSIZE = "oversize"
    VALET = "valet"


class ParkingLot(Stateful, BaseModel):
    """A place for cars, sold through a venue. Where somebody else runs it, the money is `connected_account`'s."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    class Hours(models.TextChoices):
        ALWAYS = "always", "day and night"
        CLOCK = "clock", "by the clock of the venue"

    class Amenity(models.TextChoices):
        COVERED = "covered"
        LIT = "lit"
        ATTENDED = "attended"
        CCTV = "cctv", "CCTV"
        EV_CHARGING = "ev_charging", "EV charging"
        TOILETS = "toilets"
        LIFT = "lift"
        BICYCLES = "bicycles"
        SHUTTLE = "shuttle"
        CAR_WASH = "car_wash"

    MOVES = {
        Status.DRAFT: frozenset({Status.OPEN}),
        Status.OPEN: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset({Status.OPEN}),
    }

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="parking_lots", db_index=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    operator_name = models.CharField(max_length=120, blank=True, help_text="Who runs it; empty: the venue.")
    connected_account = models.ForeignKey(
        "payments.ConnectedAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who receives what it earns; empty: the venue.",
    )
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, validators=[validate_country], help_text="ISO 3166-1 alpha-2.")
    latitude = models.FloatField(
        validators=[MinValueValidator(-90), MaxValueValidator(90)], help_text="WGS 84 degrees."
    )
    longitude = models.FloatField(
        validators=[MinValueValidator(-180), MaxValueValidator(180)], help_text="WGS 84 degrees."
    )
    hours = models.CharField(max_length=10, choices=Hours, default=Hours.ALWAYS)
    height_limit_cm = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(100), MaxValueValidator(2000)], help_text="Centimetres."
    )
    amenities = models.JSONField(default=list, blank=True)
    sign_code = models.CharField(max_length=12, unique=True, default=new_sign_code, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    tariff = models.JSONField(default=dict, blank=True, help_text="What a stay costs; see rates/tariff.schema.json.")
    pricing = models.JSONField(
        default=dict, blank=True, help_text="How prices follow demand; empty: they do not. See pricing.schema.json."
    )
    takes_reservations = models.BooleanField(default=True)
    takes_drive_ups = models.BooleanField(default=True)
    has_barrier = models.BooleanField(default=True, help_text="Cars leave once it is paid; else a sign asks for it.")
    allows_reentry = models.BooleanField(default=False, help_text="A reservation may drive out and in again.")
    quote_minutes = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1)], help_text="How long a quoted price holds."
    )
    early_entry_minutes = models.PositiveSmallIntegerField(
        default=30, help_text="How long before its start a reservation is let in."
    )
    no_show_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="So long after its start a reservation that did not come is given up."
    )
    cancel_free_minutes = models.PositiveIntegerField(
        default=60, help_text="Until so long before its start a reservation is cancelled for nothing."
    )
    cancel_fee = AmountField(default=0, help_text="What is kept of one that is cancelled later, in minor units.")
    assumed_stay_minutes = models.PositiveSmallIntegerField(
        default=240,
        validators=[MinValueValidator(15)],
        help_text="How long a car is expected to stay that does not say.",
    )
    exit_grace_minutes = models.PositiveSmallIntegerField(default=15, help_text="To leave after paying.")
    overstay_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What staying longer than paid for costs, in percent of the tariff."
    )
    overstay_grace_minutes = models.PositiveSmallIntegerField(default=10)
    lost_ticket_price = AmountField(
        null=True, blank=True, help_text="What a stay costs at least whose ticket is lost; empty: staff decide."
    )
    valet_minutes = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1)],
        help_text="How long the valet takes to bring a car, until enough were brought to tell.",
    )
    plate_days = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1)], help_text="After so many days plates are erased."
    )

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["venue", "name"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "name"], name="lot_once_per_name"),
            models.CheckConstraint(condition=Q(latitude__range=(-90, 90)), name="lot_latitude"),
            models.CheckConstraint(condition=Q(longitude__range=(-180, 180)), name="lot_longitude"),
            models.CheckConstraint(condition=Q(status__in=["draft", "open", "closed"]), name="lot_status_known"),
            models.CheckConstraint(
                condition=Q(cancel_fee__gte=0) & (Q(lost_ticket_price=None) | Q(lost_ticket_price__gte=0)),
                name="lot_prices_not_negative",
            ),
            models.CheckConstraint(condition=~Q(status="open") | ~Q(tariff={}), name="lot_open_has_a_tariff"),
        ]
        indexes = [
            models.Index(fields=["latitude", "longitude"], name="lot_coordinates"),
            models.Index(fields=["venue", "status"], name="lot_venue_status"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return self.venue.zone

    @property
    def currency(self) -> str:
        return self.venue.currency

    @property
    def is_independent(self) -> bool:
        """Whether somebody else than the venue runs it."""
        return self.connected_account_id is not None


class ParkingCapacity(BaseModel):
    """How many spaces of one kind a lot has. Its row is locked by whoever takes one, and by nothing else."""

    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="capacities", db_index=False)
    kind = models.CharField(max_length=12, choices=SpaceKind)
    spaces = models.PositiveIntegerField()
    tariff = models.JSONField(default=dict, blank=True, help_text="Of its own; empty: the lot's.")
    multiplier_ppm = models.PositiveIntegerField(
        default=ONE, editable=False, help_text="By how much prices are moved just now, in millionths."
    )
    reviewed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When prices were last looked at."
    )

    class Meta:
        verbose_name = "kind of space"
        verbose_name_plural = "kinds of space"
        ordering = ["lot", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "kind"], name="capacity_once_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=SpaceKind.values), name="capacity_kind_known"),
            models.CheckConstraint(condition=Q(multiplier_ppm__gt=0), name="capacity_multiplier_positive"),
        ]

    def __str__(self) -> str:
        return gettext("{kind} at {lot}").format(kind=self.get_kind_display(), lot=self.lot)

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.lot.venue_id

    @property
    def tariff_in_force(self) -> dict:
        """What a stay on it costs: its own tariff, or the lot's."""
        return self.tariff or self.lot.tariff


class LotHours(BaseModel):
    """One span of a week in which cars may come in; it may run past midnight. Out they may always."""

    lot = models.ForeignKey(ParkingLot, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(6)], help_text="ISO 8601 less one: 0 is Monday, 6 is Sunday."
    )
    opens_at = models.TimeField()
    closes_at = models.TimeField(help_text="Not after `opens_at`: on the next day.")

    class Meta:
        verbose_name = "hours of a lot"
        verbose_name_plural = "hours of lots"
        ordering = ["lot", "weekday", "opens_at"]
        constraints = [models.CheckConstraint(condition=Q(weekday__lte=6), name="lothours_weekday_known")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"

    @property
    def venue_id(self) -> UUID:
        return self.lot.venue_id


class ParkingSpace(BaseModel):
    """A numbered space, where a lot numbers them."""

    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="spaces", db_index=False)
    kind = models.CharField(max_length=12, choices=SpaceKind, default=SpaceKind.STANDARD)
    number = models.CharField(max_length=20)
    level = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["lot", "level", "number"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "number"], name="space_once_per_number"),
            models.CheckConstraint(condition=Q(kind__in=SpaceKind.values), name="space_kind_known"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def venue_id(self) -> UUID:
        return self.lot.venue_id


class LotPhoto(BaseModel):
    """A picture of a lot."""

    lot = models.ForeignKey(ParkingLot, on_delete=models.CASCADE, related_name="photos")
    picture = models.ImageField(upload_to=picture_name)
    caption = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["lot", "position", "created_at"]

    def __str__(self) -> str:
        return self.caption or str(self.picture.name)

    @property
    def venue_id(self) -> UUID:
        return self.lot.venue_id
