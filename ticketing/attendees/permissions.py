"""Who may reach which question, and say who comes with which ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request

from accounts.grants import Permission
from ticketing.attendees.models import Question
from ticketing.models import Ticket
from ticketing.permissions import own_ticket
from trufan.lib.errors import Missing
from venues.permissions import require


def held_ticket(request: Request, ticket_id: UUID) -> Ticket:
    """The ticket, for who holds it: the account, or a guest by the order's code while it has no other holder.

    A buyer who handed it on no longer says who comes: `Missing`, as for everyone else.
    """
    ticket = own_ticket(request, ticket_id)
    if ticket.holder_id != (request.user.pk if request.user.is_authenticated else None):
        raise Missing(gettext("This ticket is its holder's."))
    return ticket


def readable_question(user: Any, question_id: UUID) -> Question:
    """The question, for whoever may know of it. Raises `Missing`."""
    rows = Question.objects.readable_by(user).select_related("event__venue").in_order()
    row = rows.filter(pk=question_id).first()
    if row is None:
        raise Missing(gettext("There is no such question."))
    return row


def managed_question(user: Any, question_id: UUID) -> Question:
    """The same, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    row = readable_question(user, question_id)
    require(user, Permission.MANAGE_EVENTS, row.event.venue_id)
    return row
