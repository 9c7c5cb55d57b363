"""Telling the staff of a venue of a dispute: who may refund there, or decides where its money goes."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts import grants
from accounts.grants import Permission
from accounts.models import Role, User
from notifications import outbox
from notifications.values import money
from payments.models import Dispute
from trufan.lib.console.columns import change_url, local_time

Stage = Dispute.Stage
CONCERNED = (Permission.REFUND_ORDERS, Permission.MANAGE_PAYOUTS)


def tell_staff(dispute: Dispute) -> None:
    """Queue a mail to everyone concerned, once for each stage; where nobody is, to the super admins.

    Part of the caller's transaction.
    """
    venue_id = dispute.payment.venue_id
    people: list[Any] = grants.holders_of(CONCERNED, venue_id)
    if not people:
        people = list(User.objects.filter(role=Role.SUPER_ADMIN, is_active=True).order_by("pk"))
    template = "dispute_opened" if dispute.stage in (Stage.OPEN, Stage.WARNING) else "dispute_closed"
    context = _context(dispute)
    for person in people:
        outbox.notify(
            template,
            user=person,
            email=person.email,
            venue_id=venue_id,
            context=context,
            dedupe_key=f"dispute:{dispute.pk}:{dispute.stage}:{person.pk}",
        )


def _context(dispute: Dispute) -> dict[str, Any]:
    return {
        "reference": dispute.payment.reference,
        "amount": money(dispute.amount, dispute.currency),
        "stage": str(dispute.stage),
        "reason": dispute.reason.replace("_", " "),
        "due": local_time(dispute.evidence_due_by) if dispute.needs_answer and dispute.evidence_due_by else "",
        "order_url": f"{settings.PUBLIC_URL}{change_url(dispute)}",
    }
