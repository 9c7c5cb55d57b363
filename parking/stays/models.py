"""Cars that are, or were, on a lot; what was charged for that; and what the gate saw and answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from phonenumber_field.modelfields import PhoneNumberField

from orders.models import new_number
from orders.receipts.due import Receipted
from parking.booking.models import ParkingReservation, ReservationChange
from parking.lots.models import ONE, ParkingCapacity, ParkingLot, ParkingSpace
from parking.spaces.models import SpaceUse
from parking.stays.querysets import ChargeQuerySet, GateEventQuerySet, SessionQuerySet
from parking.vehicles.models import PlatedModel
from payments.payable import Share, money_checks
from trufan.lib import words
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField

if TYPE_CHECKING:
    from payments.models import Dispute, Payment, Refund


class ParkingSession(Stateful, PlatedModel, BaseModel):
    """One stay of one car. Tariff and multiplier are those at its entry, whatever becomes of them meanwhile.

    With a reservation it is paid until `expires_at`; else until what was prepaid, if anything. `leave_by`: all is paid,
    and until then the gate opens without another charge.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"
        # Never happened: a misread plate, a car that turned round.
        VOID = "void"

    class Origin(models.TextChoices):
        GATE = "gate", "at the gate"
        SIGN = "sign", "by the sign"
        APP = "app"
        STAFF = "staff"
        VALET = "valet"

    MOVES = {
        Status.ACTIVE: frozenset({Status.ENDED, Status.VOID}),
        # Ended on the phone and still there, or ended by mistake.
        Status.ENDED: frozenset({Status.ACTIVE}),
        Status.VOID: frozenset(),
    }

    number = models.CharField(max_length=12, unique=True, default=new_number, editable=False)
    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    capacity = models.ForeignKey(ParkingCapacity, on_delete=models.PROTECT, related_name="sessions")
    reservation = models.ForeignKey(
        ParkingReservation, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    use = models.ForeignKey(SpaceUse, on_delete=models.PROTECT, related_name="sessions")
    space = models.ForeignKey(ParkingSpace, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parking_sessions",
        db_index=False,
    )
    contact_email = models.EmailField(blank=True)
    contact_phone = PhoneNumberField(blank=True)
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Until when it is reserved or prepaid.")
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    leave_by = models.DateTimeField(null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When told that it runs out.")
    overstay_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    tariff = models.JSONField()
    multiplier_ppm = models.PositiveIntegerField(default=ONE)
    overstay_percent = models.PositiveSmallIntegerField(default=100)
    is_ticket_lost = models.BooleanField(default=False, editable=False)
    price_set = AmountField(null=True, blank=True, editable=False, help_text="What staff said it costs in all.")
    price_reason = models.CharField(max_length=200, blank=True, editable=False)
    promo = models.ForeignKey(
        "orders.PromoCode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="parking_sessions",
        help_text="Whose validation pays a part; counted in its `used`.",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="session_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_at=None) | ~Q(status="active") & Q(ended_at__isnull=False),
                name="session_ended_has_a_time",
            ),
            models.CheckConstraint(condition=Q(status__in=["active", "ended", "void"]), name="session_status_known"),
            models.CheckConstraint(
                condition=Q(price_set=None) | Q(price_set__gte=0), name="session_price_not_negative"
            ),
            models.UniqueConstraint(
                fields=["lot", "plate_key"],
                condition=Q(status="active") & ~Q(plate_key=""),
                name="session_one_stay_per_car",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "-started_at"], name="session_lot"),
            models.Index(fields=["-started_at", "-id"], name="session_newest"),
            models.Index(
                fields=["plate_key"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(plate_key=""),
                name="session_plate",
            ),
            # Who stood there on a day, and came before it.
            models.Index(fields=["lot", "ended_at"], name="session_lot_ended"),
            models.Index(fields=["lot", "started_at"], condition=Q(status="active"), name="session_active"),
            models.Index(fields=["user", "-started_at"], name="session_user"),
            models.Index(fields=["expires_at"], condition=Q(status="active"), name="session_expiry"),
            models.Index(fields=["ended_at"], condition=~Q(plate=""), name="session_plate_to_erase"),
            models.Index(fields=["contact_phone", "-started_at"], condition=~Q(contact_phone=""), name="session_phone"),
            models.Index(
                fields=["contact_email"], condition=Q(user=None) & ~Q(contact_email=""), name="session_guest_email"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.lot.venue_id

    @property
    def currency(self) -> str:
        return self.lot.venue.currency


class ParkingCharge(Stateful, BaseModel, Receipted):
    """One amount that a stay, or the change of a reservation, costs: a payment of its own, with a receipt of its own.

    A stay is paid in as many of them as it takes: on entry, with each extension, at the exit, and for a tip.
    """

    payable_type = "parking"
    payable_relations = ("lot__venue",)
    receipt_kind = "parking"

    class Kind(models.TextChoices):
        STAY = "stay"
        EXTENSION = "extension"
        OVERSTAY = "overstay"
        LOST_TICKET = "lost_ticket"
        CHANGE = "change", "change of a reservation"
        TIP = "tip"

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        REFUNDED = "refunded"
        CANCELLED = "cancelled"

    MOVES = {
        Status.PENDING: frozenset({Status.PAID, Status.CANCELLED}),
        Status.PAID: frozenset({Status.REFUNDED}),
        # Its refund may come back.
        Status.REFUNDED: frozenset({Status.PAID}),
        Status.CANCELLED: frozenset(),
    }

    number = models.CharField(max_length=12, unique=True, default=new_number, editable=False)
    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="charges", db_index=False)
    session = models.ForeignKey(
        ParkingSession, on_delete=models.PROTECT, null=True, blank=True, related_name="charges", db_index=False
    )
    change = models.ForeignKey(
        ReservationChange, on_delete=models.PROTECT, null=True, blank=True, related_name="charges"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING, editable=False)
    description = models.CharField(max_length=255)
    covers_until = models.DateTimeField(null=True, blank=True, help_text="Up to when it pays the stay.")
    parts = models.JSONField(default=list, help_text='`[{"kind", "words", "amount"}, …]` of the price.')
    price = AmountField(help_text="Of the tariff, before discount, fee and tax.")
    discount = AmountField(default=0)
    promo_code = models.CharField(max_length=40, blank=True, help_text="Whose validation pays a part.")
    fee = AmountField(default=0, help_text="The platform's, on top.")
    net = AmountField(help_text="Price less discount plus fee, without any tax.")
    tax = AmountField(default=0)
    tax_lines = models.JSONField(default=list, blank=True)
    platform_fee = AmountField(default=0, help_text="What the platform gets of the total.")

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            *money_checks("charge"),
            models.CheckConstraint(
                condition=Q(session__isnull=False, change=None) | Q(session=None, change__isnull=False),
                name="charge_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "paid", "refunded", "cancelled"]), name="charge_status_known"
            ),
            models.CheckConstraint(condition=Q(amount_total=F("net") + F("tax")), name="charge_adds_up"),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("price")) & Q(fee__gte=0),
                name="charge_discount_within_price",
            ),
            models.CheckConstraint(
                condition=Q(platform_fee__gte=0) & Q(platform_fee__lte=F("amount_total")),
                name="charge_platform_fee_within_total",
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(status="pending", session__isnull=False) & ~Q(kind="tip"),
                name="charge_one_open_per_stay",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "status"], name="charge_session"),
            models.Index(fields=["lot", "-created_at"], name="charge_lot"),
            models.Index(fields=["-created_at", "-id"], name="charge_newest"),
            # What was taken on a day.
            models.Index(fields=["lot", "paid_at"], condition=Q(paid_at__isnull=False), name="charge_lot_paid"),
            models.Index(fields=["paid_at"], condition=Q(receipts_due=True), name="charge_receipts_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.lot.venue_id

    # -- Payable: the rules stand in charging.py --

    @property
    def payment_venue_id(self) -> UUID:
        return self.lot.venue_id

    @property
    def payment_reference(self) -> str:
        return self.number

    def refuse_payment(self, now: datetime) -> DomainError | None:
        from parking.stays.charging import refuse_payment

        return refuse_payment(self, now)

    def shares(self) -> list[Share]:
        from parking.stays.charging import shares_of

        return shares_of(self)

    def on_paid(self, payment: Payment, now: datetime) -> None:
        from parking.stays.charging import settle

        settle(self, payment, now)

    def on_payment_failed(self, payment: Payment, now: datetime) -> None:
        from parking.stays.charging import note

        note(self, "parking_charge.payment_failed", payment=payment.pk, reason=payment.failure_code)

    def on_refunded(self, refund: Refund, now: datetime) -> None:
        from parking.stays.charging import give_back

        give_back(self, refund, now)

    def on_disputed(self, dispute: Dispute, now: datetime) -> None:
        from parking.stays.charging import note

        note(self, f"parking_charge.dispute_{dispute.stage}", dispute=dispute.pk)

    def on_refund_failed(self, refund: Refund, now: datetime) -> None:
        from parking.stays.charging import note

        note(self, "parking_charge.refund_failed", refund=refund.pk)

    def on_refund_retried(self, refund: Refund, again: Refund, now: datetime) -> None:
        from parking.stays.charging import note

        note(self, "parking_charge.refund_retried", refund=refund.pk, again=again.pk)

    def on_refund_came_back(self, refund: Refund, now: datetime) -> None:
        from parking.stays.charging import keep_after_all

        keep_after_all(self, refund)

    def on_refund_by_house(self, refund: Refund, now: datetime) -> None:
        from parking.stays.charging import note

        note(self, "parking_charge.refund_by_house", refund=refund.pk)

    def receipt_contents(self) -> dict[str, Any]:
        from parking.stays.papers import contents_of

        return contents_of(self)


class GateEvent(PlatedModel, BaseModel):
    """What a camera or a steward saw at the gate at one moment, and the answer. Said again, it is answered the same."""

    class Direction(models.TextChoices):
        ENTRY = "entry"
        EXIT = "exit"

    class Reason(models.TextChoices):
        NONE = "", "none"
        UNKNOWN = "unknown"
        FULL = "full"
        NOT_PAID = "not_paid"
        TOO_EARLY = "too_early"
        TOO_LATE = "too_late"
        CLOSED = "closed"
        CANCELLED = "cancelled"
        ALREADY_INSIDE = "already_inside"
        NOT_INSIDE = "not_inside"
        NO_REENTRY = "no_reentry"
        WRONG_LOT = "wrong_lot"
        DISPUTED = "disputed"
        REFUND_PENDING = "refund_pending"
        OUTDATED_CODE = "outdated_code"
        FORGED = "forged"

    lot = models.ForeignKey(ParkingLot, on_delete=models.PROTECT, related_name="gate_events", db_index=False)
    direction = models.CharField(max_length=6, choices=Direction)
    is_open = models.BooleanField()
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    override = models.CharField(max_length=200, blank=True, help_text="Why a steward opened all the same.")
    session = models.ForeignKey(
        ParkingSession, on_delete=models.PROTECT, null=True, blank=True, related_name="gate_events"
    )
    reservation = models.ForeignKey(
        ParkingReservation, on_delete=models.PROTECT, null=True, blank=True, related_name="gate_events"
    )
    amount_due = AmountField(default=0)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=80)
    gate = models.CharField(max_length=60, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the code that was read.")
    seen_at = models.DateTimeField(help_text="By the camera's clock.")

    objects = GateEventQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["seen_by", "nonce"], name="gateevent_once_per_nonce"),
            models.CheckConstraint(
                condition=Q(is_open=True, reason="")
                | Q(is_open=True) & ~Q(override="")
                | Q(is_open=False) & ~Q(reason=""),
                name="gateevent_shut_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(amount_due__gte=0), name="gateevent_due_not_negative"),
        ]
        indexes = [
            models.Index(fields=["lot", "-created_at"], name="gateevent_lot"),
            models.Index(fields=["-created_at", "-id"], name="gateevent_newest"),
            models.Index(
                fields=["plate_key"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(plate_key=""),
                name="gateevent_plate",
            ),
            models.Index(fields=["created_at"], condition=~Q(plate=""), name="gateevent_plate_to_erase"),
        ]

    def __str__(self) -> str:
        return f"{words.within(self.direction)}: {words.within(self.reason or 'open')}"

    @property
    def venue_id(self) -> UUID:
        return self.lot.venue_id
