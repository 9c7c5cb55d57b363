"""What happened at the door, and the lists by which scanners work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.models import Event
from ticketing.door.querysets import CheckInListQuerySet, ScanQuerySet
from ticketing.models import Ticket, TicketType
from trufan.lib import words
from trufan.lib.models import BaseModel


class CheckInList(BaseModel):
    """Which tickets one kind of door lets in: backstage, the box level, the early entry."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="checkin_lists", db_index=False)
    name = models.CharField(max_length=80)
    gates = models.JSONField(
        default=list, blank=True, help_text="Names of the gates that work by this list; empty: any gate may."
    )
    ticket_types = models.ManyToManyField(
        TicketType, blank=True, related_name="checkin_lists", help_text="Whose tickets stand on it; empty: all."
    )
    is_active = models.BooleanField(default=True, help_text="Off: no scanner works by it any more.")

    objects = CheckInListQuerySet.as_manager()

    class Meta:
        verbose_name = "check-in list"
        ordering = ["event", "name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="checkinlist_once_per_name")]

    def __str__(self) -> str:
        return self.name


class Scan(BaseModel):
    """What happened at the door at one moment: what a scanner saw or a steward did by hand, and the answer.

    Rows are facts and stay. Where a ticket stands follows from all of its own (`folding.py`).
    """

    class Method(models.TextChoices):
        CODE = "code"
        BY_HAND = "by_hand"
        #: A passage was taken back: `undoes` is it.
        UNDO = "undo"

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    class Result(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"

    class Reason(models.TextChoices):
        NONE = "", "none"
        ALREADY_USED = "already_used"
        NO_REENTRY = "no_reentry"
        NOT_INSIDE = "not_inside"
        WRONG_EVENT = "wrong_event"
        WRONG_GATE = "wrong_gate"
        NOT_ON_LIST = "not_on_list"
        WRONG_SLOT = "wrong_slot"
        NOT_YET = "not_yet"
        TOO_LATE = "too_late"
        EVENT_CANCELLED = "event_cancelled"
        REFUNDED = "refunded"
        DISPUTED = "disputed"
        REFUND_PENDING = "refund_pending"
        OUTDATED_CODE = "outdated_code"
        CODE_NOT_ROTATING = "code_not_rotating"
        SCREENSHOT = "screenshot"
        FORGED = "forged"
        UNKNOWN = "unknown"
        #: A scanner without a network refused it, and gave no reason that we know.
        BY_SCANNER = "by_scanner"

    class Conflict(models.TextChoices):
        """What was let in though it should not have been."""

        NONE = "", "none"
        DOUBLE_ENTRY = "double_entry"
        REENTRY = "reentry_not_allowed"
        EXIT_WITHOUT_ENTRY = "exit_without_entry"
        REVOKED = "revoked_ticket_admitted"
        REVOKED_AFTER = "revoked_after_entry"
        OUTDATED_CODE = "outdated_code_admitted"
        WRONG_EVENT = "wrong_event_admitted"
        FORGED = "forged_code_admitted"
        UNKNOWN = "unknown_code_admitted"

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="scans", db_index=False
    )
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="scans", db_index=False
    )
    venue_id = models.UUIDField(null=True, blank=True, help_text="The tenant whose staff may see the row.")
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=80)
    gate = models.CharField(max_length=60, blank=True)
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.IN)
    checkin_list = models.ForeignKey(
        CheckInList, on_delete=models.PROTECT, null=True, blank=True, related_name="scans", verbose_name="list"
    )
    method = models.CharField(max_length=10, choices=Method, default=Method.CODE)
    result = models.CharField(max_length=10, choices=Result)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    is_offline = models.BooleanField(default=False, help_text="The scanner decided by itself and told us later.")
    device = models.CharField(max_length=80, blank=True, help_text="What the scanner calls itself.")
    conflict = models.CharField(max_length=30, choices=Conflict, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was read; empty by hand.")
    code_version = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the code that was read.")
    scanned_at = models.DateTimeField(help_text="By the scanner's clock.")
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="The scan that let it in."
    )
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by", editable=False
    )

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["scanned_by", "nonce"], name="scan_once_per_nonce"),
            models.CheckConstraint(
                condition=Q(result="accepted", reason="") | Q(result="refused") & ~Q(reason=""),
                name="scan_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(result="refused") | Q(ticket__isnull=False) | Q(is_offline=True) & ~Q(conflict=""),
                name="scan_lets_in_a_ticket",
            ),
            models.CheckConstraint(
                condition=Q(conflict="") | Q(result="accepted"), name="scan_conflict_was_let_through"
            ),
            models.CheckConstraint(
                condition=Q(method="undo", undoes__isnull=False) | ~Q(method="undo") & Q(undoes=None),
                name="scan_undo_undoes",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "result", "scanned_at"], name="scan_ticket"),
            models.Index(fields=["event", "result", "-created_at"], name="scan_event"),
            models.Index(fields=["event", "scanned_at"], name="scan_minutes"),
            models.Index(fields=["event", "-created_at"], name="scan_conflicts", condition=~Q(conflict="")),
            models.Index(fields=["venue_id", "-created_at"], name="scan_venue"),
            models.Index(fields=["-created_at", "-id"], name="scan_newest"),
        ]

    def __str__(self) -> str:
        return ": ".join(words.within(each) for each in (self.result, self.reason) if each)
