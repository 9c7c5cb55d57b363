"""People around tickets are forgotten, by age or with the order that they hang on; tickets and scans stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from orders.signals import buyers_forgotten
from ticketing.attendees import keeping
from ticketing.attendees.models import Answer, Attendee
from ticketing.models import Ticket
from ticketing.transfers.models import TicketTransfer
from ticketing.waitingroom.models import WaitingRoomEntry
from ticketing.waitlist.models import WaitlistEntry
from trufan.lib import retention
from trufan.lib.retention import Kind, Staying
from trufan.lib.words import lazy as _

_ADDRESSED = ~Q(to_email="", to_phone="")
_SOMEBODY = ~Q(user=None, buyer_key="")
_IN_LINE = [WaitlistEntry.Status.WAITING, WaitlistEntry.Status.OFFERED]


def forget_buyers(sender: Any, *, order_ids: Sequence[UUID], now: datetime, **kwargs: Any) -> None:
    """Orders forgot who bought them: so do their lines, the tickets that nobody else holds, and their offers."""
    tickets = Ticket.objects.filter(order__in=order_ids, holder=None)
    keeping.forget(tickets.values("pk"))
    keeping.forget_in_lines(order_ids)
    tickets.exclude(holder_name="").update(holder_name="")
    forget_offers(TicketTransfer.objects.filter(ticket__order__in=order_ids, offered_by=None), now)
    WaitingRoomEntry.objects.filter(orders__order__in=order_ids, user=None).update(buyer_key="")


def forget_offers(sent: QuerySet[TicketTransfer], now: datetime) -> None:
    """Take away what the sender of these transfers wrote; what is still open is withdrawn."""
    status = TicketTransfer.Status
    sent.filter(status=status.OFFERED).update(status=status.WITHDRAWN, decided_at=now)
    sent.update(from_name="", message="")


def forget_attendees(now: datetime) -> int:
    """The sweep `ticketing.attendees`: who came to events of long ago, and what they answered; how many rows."""
    before = retention.before("ATTENDEE_DAYS", now)
    if before is None:
        return 0
    people = retention.batch(_people().filter(ticket__event__ends_at__lt=before).order_by("pk"))
    answers = retention.batch(_answers().filter(ticket__event__ends_at__lt=before).order_by("pk"))
    with transaction.atomic():
        # The ticket's name follows its attendee's.
        Ticket.objects.filter(attendee__in=people).exclude(holder_name="").update(holder_name="")
        Attendee.objects.filter(pk__in=people).delete()
        Answer.objects.filter(pk__in=answers).delete()
    return len(people) + len(answers)


def forget_recipients(now: datetime) -> int:
    """The sweep `ticketing.recipients`: to whom tickets were offered, once that is long decided; how many."""
    before = retention.before("TRANSFER_CONTACT_DAYS", now)
    if before is None:
        return 0
    ids = retention.batch(_decided().filter(decided_at__lt=before).order_by("decided_at"))
    blank = {"to_email": "", "to_phone": "", "from_name": "", "message": ""}
    return TicketTransfer.objects.filter(pk__in=ids).update(**blank)


def forget_lines(now: datetime) -> int:
    """The sweep `ticketing.waiting`: who waited for tickets of events that are long over; how many places."""
    before = retention.before("WAITING_DAYS", now)
    if before is None:
        return 0
    waited = retention.batch(_waited().filter(ticket_type__event__ends_at__lt=before).order_by("pk"))
    queued = retention.batch(_queued().filter(room__event__ends_at__lt=before).order_by("pk"))
    with transaction.atomic():
        WaitlistEntry.objects.filter(pk__in=waited).delete()
        WaitingRoomEntry.objects.filter(pk__in=queued).update(user=None, buyer_key="")
    return len(waited) + len(queued)


def connect() -> None:
    """Called when the app is ready: what ticketing keeps, and for how long."""
    buyers_forgotten.connect(forget_buyers, dispatch_uid="ticketing.forget_buyers")
    for kind in _kinds():
        retention.declare(kind)
    retention.stays(
        Staying(
            "ticketing.tickets",
            _("Tickets with the holder's name, and scans"),
            _("They prove who came in and for what was paid. A name goes with the order, the attendee or the account."),
            ("ticketing.Ticket.holder_name", "ticketing.Ticket.holder_key", "ticketing.Ticket.surname_key"),
        )
    )
    retention.stays(
        Staying(
            "ticketing.keys",
            _("Keyed digests by which a limit or a waiting room knows a buyer again"),
            _("They name nobody, and nobody can make them without the server's key."),
            ("ticketing.LimitedBuyer.person_key",),
        )
    )


def _kinds() -> list[Kind]:
    return [
        Kind(
            "ticketing.attendees",
            _("Who came with a ticket and what they answered"),
            _("Questions and claims after an event."),
            forget_attendees,
            retention.oldest_of(_people, "ticket__event__ends_at"),
            setting="ATTENDEE_DAYS",
            fields=(
                "ticketing.Attendee.name",
                "ticketing.Attendee.email",
                "ticketing.Answer.value",
            ),
            pace=retention.HOURLY,
        ),
        Kind(
            "ticketing.recipients",
            _("To whom a ticket was offered, by whom, and with which words"),
            _("Who disputes a ticket can be told where it went."),
            forget_recipients,
            retention.oldest_of(_decided, "decided_at"),
            setting="TRANSFER_CONTACT_DAYS",
            fields=tuple(
                f"ticketing.TicketTransfer.{name}" for name in ("to_email", "to_phone", "from_name", "message")
            ),
            pace=retention.HOURLY,
        ),
        Kind(
            "ticketing.waiting",
            _("Who waited for tickets, on a list or in a waiting room"),
            _("Who missed a turn can be told why."),
            forget_lines,
            retention.oldest_of(_waited, "ticket_type__event__ends_at"),
            setting="WAITING_DAYS",
            fields=("ticketing.WaitingRoomEntry.buyer_key",),
            pace=retention.HOURLY,
        ),
    ]


def _people() -> QuerySet[Attendee]:
    return Attendee.objects.all()


def _answers() -> QuerySet[Answer]:
    return Answer.objects.all()


def _decided() -> QuerySet[TicketTransfer]:
    return TicketTransfer.objects.filter(_ADDRESSED, decided_at__isnull=False)


def _waited() -> QuerySet[WaitlistEntry]:
    return WaitlistEntry.objects.exclude(status__in=_IN_LINE)


def _queued() -> QuerySet[WaitingRoomEntry]:
    return WaitingRoomEntry.objects.filter(_SOMEBODY)
