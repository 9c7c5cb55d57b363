"""Tickets offered to somebody else, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from phonenumber_field.modelfields import PhoneNumberField

from ticketing.models import Ticket
from ticketing.transfers.querysets import TicketTransferQuerySet
from trufan.lib.models import BaseModel, Stateful


class TicketTransfer(Stateful, BaseModel):
    """One offer of one ticket to one address. The ticket stays its holder's, and admits, until it is accepted."""

    class Status(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    MOVES = {
        Status.OFFERED: frozenset({Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED}),
        Status.ACCEPTED: frozenset(),
        Status.DECLINED: frozenset(),
        Status.WITHDRAWN: frozenset(),
        Status.EXPIRED: frozenset(),
    }

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: a guest, by the access code of the order.",
        db_index=False,
    )
    from_name = models.CharField(max_length=160, blank=True, help_text="Whose name was on the ticket.")
    to_email = models.EmailField(blank=True, help_text="Lower case; this or the number.")
    to_phone = PhoneNumberField(blank=True)
    message = models.CharField(max_length=300, blank=True, help_text="What the sender writes to the recipient.")
    status = models.CharField(max_length=12, choices=Status, default=Status.OFFERED, editable=False)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
    )

    objects = TicketTransferQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(status="offered"), name="transfer_one_open_per_ticket"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["offered", "accepted", "declined", "withdrawn", "expired"]),
                name="transfer_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(accepted_by__isnull=False), name="transfer_accepted_by_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "-created_at"], name="ticket_transfer_ticket"),
            models.Index(fields=["offered_by", "-created_at"], name="ticket_transfer_sender"),
            models.Index(fields=["accepted_by", "-created_at"], name="ticket_transfer_taker"),
            models.Index(fields=["to_email", "-created_at"], name="ticket_transfer_email", condition=~Q(to_email="")),
            models.Index(fields=["to_phone", "-created_at"], name="ticket_transfer_phone", condition=~Q(to_phone="")),
            models.Index(fields=["expires_at"], name="ticket_transfer_due", condition=Q(status="offered")),
        ]

    def __str__(self) -> str:
        return gettext("{number} to {holder}").format(number=self.ticket.number, holder=self.to)

    @property
    def to(self) -> str:
        """The address or the number that it was offered to."""
        return self.to_email or str(self.to_phone)

    def is_open(self, now: datetime) -> bool:
        return self.status == self.Status.OFFERED and now < self.expires_at

    def is_for(self, user: Any) -> bool:
        """Whether the person is known, by an address or a number that they proved to be theirs, as the one meant."""
        if not user.is_authenticated:
            return False
        by_email = user.email_verified_at is not None and user.email == self.to_email
        by_phone = user.phone_verified_at is not None and bool(self.to_phone) and user.phone == self.to_phone
        return user.pk == self.accepted_by_id or by_email or by_phone
