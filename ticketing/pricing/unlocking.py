"""Codes that open hidden ticket types: found for a line, and for a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from orders.promos import guessing
from orders.promos.applying import normal
from orders.sellable import CartLine
from ticketing.models import TicketType
from ticketing.pricing.errors import UnlockNotValid
from ticketing.pricing.models import UnlockCode
from trufan.lib.errors import Detail

#: What a cart calls its codes.
FIELD = "unlock_codes"
HIDDEN = TicketType.Visibility.HIDDEN


def opened_by(ticket_type: TicketType, line: CartLine, now: datetime) -> dict[str, str]:
    """What a line of a hidden type keeps: the code that opens it, or opened it before; nothing where none does."""
    if ticket_type.visibility != HIDDEN:
        return {}
    if given := [normal(code) for code in line.cart.get(FIELD) or ()]:
        rows = UnlockCode.objects.in_time(now).filter(
            event=ticket_type.event_id, code__in=given, ticket_types=ticket_type.pk
        )
        # One that is used up is named only where no other opens it, to be refused for what it is.
        found = sorted(rows, key=lambda row: (row.left == 0, given.index(row.code)))
        if found:
            return {"unlock": str(found[0].pk)}
    return next(({"unlock": options["unlock"]} for options, _ in line.kept if "unlock" in options), {})


def refuse_idle(codes: Sequence[str], types: Iterable[UUID], now: datetime) -> None:
    """Raise `UnlockNotValid` naming every code that opens none of these ticket types."""
    wanted = [normal(code) for code in codes]
    rows = UnlockCode.objects.in_time(now).filter(code__in=wanted, ticket_types__in=list(types))
    good = set(rows.values_list("code", flat=True))
    idle = [at for at, code in enumerate(wanted) if code not in good]
    if idle:
        raise UnlockNotValid(
            details=[Detail(f"{FIELD}[{at}]", UnlockNotValid.code, UnlockNotValid.message) for at in idle]
        )


def opened_types(event_id: UUID, code: str, now: datetime) -> list[UUID]:
    """The ids of the types that a code opens at an event. Raises `UnlockNotValid`."""
    rows = UnlockCode.objects.in_time(now).filter(event=event_id, code=normal(code))
    found = list(rows.values_list("ticket_types", flat=True))
    if not found:
        raise UnlockNotValid(details=[UnlockNotValid().at("unlock")])
    return found


def watch_guesses() -> None:
    """Wrong codes in a cart count as guesses, as wrong promo codes do."""
    guessing.register(FIELD, UnlockNotValid.code)
