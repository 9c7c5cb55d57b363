"""Named reads of transfers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class TicketTransferQuerySet(BaseQuerySet):
    def with_ticket(self) -> TicketTransferQuerySet:
        """With all that a transfer shows of its ticket."""
        return self.select_related("ticket__event__venue", "ticket__ticket_type", "ticket__order")

    def due(self, now: datetime) -> TicketTransferQuerySet:
        """Offers whose time is over."""
        return self.filter(status="offered", expires_at__lte=now).order_by("expires_at")

    def sent_by(self, user: Any) -> TicketTransferQuerySet:
        return self.filter(offered_by=user)

    def meant_for(self, user: Any) -> TicketTransferQuerySet:
        """Those offered to an address or a number that the person proved to be theirs, and those they accepted."""
        theirs = Q(accepted_by=user)
        if user.email_verified_at is not None:
            theirs |= Q(to_email=user.email)
        if user.phone_verified_at is not None and user.phone:
            theirs |= Q(to_phone=user.phone)
        return self.filter(theirs)

    def of(self, user: Any) -> TicketTransferQuerySet:
        """Both; an index lookup for each way rather than one OR across them all."""
        own: TicketTransferQuerySet = TicketTransferQuerySet(self.model).order_by()
        return self.filter(pk__in=own.sent_by(user).values("pk").union(own.meant_for(user).values("pk")))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> TicketTransferQuerySet:
        return self if user.is_superuser else self.filter(ticket__event__venue_id__in=user.venues_where(permission))
