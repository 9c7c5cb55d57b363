"""What the views of the valet have in common: reading what is asked, and showing a ticket to whom it is shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from parking.valet import queue
from parking.valet.models import ValetTicket
from parking.valet.serializers import PaperTicketSerializer, StaffTicketSerializer, ValetTicketSerializer

STAFF = "Staff with `run_parking` there."
LOT = OpenApiParameter("lot", UUID, required=True)


def asked(serializer: Any, request: Request) -> Any:
    """The body, read. Raises what is wrong with it."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given


def for_holder(ticket: ValetTicket) -> Any:
    """The ticket as the one whose car it is sees it."""
    return ValetTicketSerializer(_fresh(ticket), context=_context(ticket)).data


def for_paper(ticket: ValetTicket) -> Any:
    """The same, for who has the paper."""
    return PaperTicketSerializer(_fresh(ticket), context=_context(ticket)).data


def for_staff(ticket: ValetTicket, *, is_new: bool = False) -> Any:
    """The ticket as staff see it."""
    return StaffTicketSerializer(_fresh(ticket), context=_context(ticket) | {"is_new": is_new}).data


def _context(ticket: ValetTicket) -> dict[str, Any]:
    now = timezone.now()
    return {"wanted": queue.place_of(ticket, now), "now": now}


def _fresh(ticket: ValetTicket) -> ValetTicket:
    """As it stands after what was done to it and to its stay."""
    return ValetTicket.objects.with_stay().prefetch_related("photos", "incidents").get(pk=ticket.pk)
