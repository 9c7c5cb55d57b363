"""Who holds tickets of an event, for messages to all of them: the account that holds, else who ordered as a guest."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Concat, Lower

from notifications.broadcasts.audiences import Recipient
from ticketing.models import Ticket

NAME = "event_holders"
_LIVE = [Ticket.Status.VALID, Ticket.Status.USED]


def count(event_id: UUID, options: dict[str, Any]) -> int:
    """How many people hold tickets of the event and gave a way to reach them."""
    return _tickets(event_id, options).order_by().values("person").distinct().count()


def page(event_id: UUID, options: dict[str, Any], after: str, limit: int) -> list[Recipient]:
    """The next tickets in the order of their keys; a ticket bought meanwhile comes last."""
    tickets = _tickets(event_id, options)
    if after:
        tickets = tickets.filter(pk__gt=UUID(after))
    fields = ["pk", "person", "holder_id", "order__contact_email", "order__contact_phone"]
    return [_recipient(*row) for row in tickets.order_by("pk").values_list(*fields)[:limit]]


def _tickets(event_id: UUID, options: dict[str, Any]) -> QuerySet:
    """Tickets that admit, each with its `person`: by e-mail address, so that a guest who also has an account is one."""
    email = Lower(Coalesce(F("holder__email"), F("order__contact_email")))
    person = Case(
        When(~Q(email=""), then=F("email")),
        default=Concat(Value("tel:"), F("order__contact_phone"), output_field=CharField()),
        output_field=CharField(),
    )
    tickets = Ticket.objects.filter(event_id=event_id, status__in=_LIVE)
    if before := options.get("bought_before"):
        tickets = tickets.filter(created_at__lt=datetime.fromisoformat(str(before)))
    return tickets.annotate(email=email, person=person).exclude(person="tel:")


def _recipient(pk: UUID, person: str, holder_id: UUID | None, email: str, phone: Any) -> Recipient:
    key = sha256(person.encode()).hexdigest()[:40]
    if holder_id is not None:
        return Recipient(cursor=str(pk), person=key, user_id=holder_id)
    return Recipient(cursor=str(pk), person=key, email=email, phone=str(phone or ""))
