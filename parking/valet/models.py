"""Cars handed to staff: where they are, who wants them back, and what happened to them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from parking.lots.models import ParkingLot
from parking.stays.models import ParkingSession
from parking.valet.querysets import ValetTicketQuerySet
from trufan.lib.ids import uuid7
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.pictures import private_store


def picture_name(photo: ValetPhoto, filename: str) -> str:
    """A name of our own: nothing of what the uploader called the file."""
    return f"parking/valet/{uuid7()}.{filename.rpartition('.')[2]}"


class ValetTicket(Stateful, BaseModel):
    """One car handed over. Its holder asks for it by `number` and PIN, from the app, by SMS or at the desk."""

    class Status(models.TextChoices):
        DROPPED_OFF = "dropped_off"
        PARKED = "parked"
        REQUESTED = "requested"
        RETRIEVING = "retrieving"
        READY = "ready"
        HANDED_OVER = "handed_over"
        CANCELLED = "cancelled"

    class Channel(models.TextChoices):
        NONE = "", "not yet"
        APP = "app"
        SMS = "sms", "SMS"
        TICKET = "ticket"
        DESK = "desk"

    MOVES = {
        Status.DROPPED_OFF: frozenset({Status.PARKED, Status.REQUESTED, Status.CANCELLED}),
        Status.PARKED: frozenset({Status.REQUESTED, Status.PARKED}),
        Status.REQUESTED: frozenset({Status.RETRIEVING, Status.READY, Status.PARKED}),
        Status.RETRIEVING: frozenset({Status.READY, Status.REQUESTED, Status.PARKED}),
        Status.READY: frozenset({Status.HANDED_OVER, Status.PARKED}),
        Status.HANDED_OVER: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    #: The car is in our hands.
    OPEN = (Status.DROPPED_OFF, Status.PARKED, Status.REQUESTED, Status.RETRIEVING, Status.READY)

    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="valet_tickets")
    session = models.OneToOneField(ParkingSession, on_delete=models.PROTECT, related_name="valet")
    number = models.PositiveIntegerField(help_text="What stands on the ticket; free again once the car is handed over.")
    vehicle = models.CharField(max_length=120, blank=True, help_text="Blue Volvo V60.")
    notes = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=60, blank=True, help_text="Where it stands: P2 row C.")
    key_tag = models.CharField(max_length=30, blank=True, help_text="Where its key hangs.")
    status = models.CharField(max_length=12, choices=Status, default=Status.DROPPED_OFF, editable=False)
    requested_by = models.CharField(max_length=10, choices=Channel, blank=True, editable=False)
    wanted_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="For when it was asked for.")
    parked_at = models.DateTimeField(null=True, blank=True, editable=False)
    requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    retrieving_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    wrong_pins = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ValetTicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "number"],
                condition=~Q(status__in=["handed_over", "cancelled"]),
                name="valet_one_car_per_number",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[
                    "dropped_off", "parked", "requested", "retrieving", "ready", "handed_over", "cancelled",
                ]),
                name="valet_status_known",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["lot", "requested_at"],
                condition=Q(status__in=["requested", "retrieving", "ready"]),
                name="valet_queue",
            ),
            models.Index(
                fields=["lot", "-ready_at"],
                condition=Q(ready_at__isnull=False, requested_at__isnull=False, wanted_at=None),
                name="valet_measured",
            ),
        ]

    def __str__(self) -> str:
        return gettext("No. {number}").format(number=self.number)

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.lot.venue_id


class ValetIncident(BaseModel):
    """Something that happened to a car in our hands."""

    ticket = models.ForeignKey(ValetTicket, on_delete=models.PROTECT, related_name="incidents")
    happened_at = models.DateTimeField()
    words = models.TextField(max_length=2000)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="incident_says_what")]

    def __str__(self) -> str:
        return gettext("Incident with {ticket}").format(ticket=self.ticket)

    @property
    def venue_id(self) -> UUID:
        return self.ticket.venue_id


class ValetPhoto(BaseModel):
    """A picture of the car as it came, or of an incident."""

    ticket = models.ForeignKey(ValetTicket, on_delete=models.PROTECT, related_name="photos")
    incident = models.ForeignKey(ValetIncident, on_delete=models.PROTECT, null=True, blank=True, related_name="photos")
    picture = models.ImageField(upload_to=picture_name, storage=private_store)
    words = models.CharField(max_length=200, blank=True, help_text="What it shows: scratch, rear left door.")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["ticket", "created_at"]

    def __str__(self) -> str:
        return self.words or str(self.picture.name)

    @property
    def venue_id(self) -> UUID:
        return self.ticket.venue_id
