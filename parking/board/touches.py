"""What is done to a stay from its sheet on the board: each the rule that the API calls, with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.board import gate
from parking.board.gate import Given, nonce_in, reason_in
from parking.lots.models import ParkingSpace
from parking.stays import correcting, leaving, pricing_override
from parking.stays.models import ParkingSession
from trufan.lib.errors import Invalid
from trufan.lib.money import parse
from trufan.lib.words import lazy as _

Status = ParkingSession.Status


@dataclass(frozen=True)
class Deed:
    """One thing to do. `reasons` are chips to tap in place of typing; `asks` names its further fields.

    `run(stay, given, by, now)` is the rule; `done` says what has happened. `when_owing`: only where something is to be
    paid, or only where nothing is.
    """

    name: str
    label: str
    words: str
    done: str
    run: Callable[[ParkingSession, Given, Any, datetime], Any]
    statuses: frozenset[str] = frozenset({Status.ACTIVE})
    reasons: Sequence[str] = ()
    asks: Sequence[str] = ()
    is_destructive: bool = False
    is_first: bool = False
    when_owing: bool | None = None
    needs_barrier: bool = False

    def applies(self, stay: ParkingSession, owes: bool) -> bool:
        if self.needs_barrier and not stay.lot.has_barrier:
            return False
        return stay.status in self.statuses and self.when_owing in (None, owes)


def price_in(given: Given, currency: str) -> int | None:
    """The amount that was typed, in minor units; None for nothing. Raises `Invalid`."""
    text = str(given.get("price", "")).strip()
    if not text:
        return None
    try:
        return parse(text, currency)
    except ValueError:
        raise Invalid.field("price", f"This is not an exact amount of {currency}, such as 12.50.") from None


def _set_price(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    price = price_in(given, stay.currency)
    return pricing_override.set_price(stay, price, reason=reason_in(given), by=by, now=now)


def _lose_ticket(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    price = price_in(given, stay.currency)
    return pricing_override.lose_ticket(stay, price, reason=reason_in(given), by=by, now=now)


def _let_out(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    return gate.let_out(stay, nonce_in(given), reason_in(given), by=by, now=now)


def _end(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    return leaving.end(stay, by=by, by_staff=True, reason=reason_in(given), now=now)


def _note(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    return correcting.note(stay, str(given.get("note", "")), by=by)


def _move(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    number = str(given.get("space", "")).strip()
    space = ParkingSpace.objects.filter(lot=stay.lot_id, number__iexact=number, is_active=True).first()
    if number and space is None:
        raise Invalid.field("space", f"{stay.lot} has no space {number}.", "not_found")
    return correcting.move(stay, space.pk if space else None, by=by, now=now)


def _void(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    return correcting.void(stay, reason=reason_in(given), by=by, now=now)


def _reopen(stay: ParkingSession, given: Given, by: Any, now: datetime) -> Any:
    return correcting.reopen(stay, reason=reason_in(given), by=by, now=now)


DEEDS: Sequence[Deed] = (
    Deed(
        name="let-out",
        label=_("Open the exit"),
        words=_("The barrier opens and the stay is over."),
        done=_("The exit is open, and the stay is over."),
        run=_let_out,
        is_first=True,
        when_owing=False,
        needs_barrier=True,
    ),
    Deed(
        name="let-out-unpaid",
        label=_("Open the exit unpaid"),
        words=_("The barrier opens and the stay is over. What was to be paid stays on the record, with your reason."),
        done=_("The exit is open, and the stay is over."),
        run=_let_out,
        reasons=(_("Paid in cash"), _("Payment does not work"), _("Emergency"), _("Guest of the house")),
        is_destructive=True,
        when_owing=True,
        needs_barrier=True,
    ),
    Deed(
        name="note",
        label=_("Note"),
        words=_("It stands in the story of this stay, for staff alone."),
        done=_("It is noted."),
        run=_note,
        statuses=frozenset(Status.values),
        asks=("note",),
    ),
    Deed(
        name="price",
        label=_("Set the price"),
        words=_("The whole stay costs this much, before fee and tax. Left empty: what the tariff says after all."),
        done=_("Its price is set."),
        run=_set_price,
        statuses=frozenset({Status.ACTIVE, Status.ENDED}),
        reasons=(_("Gate was broken"), _("Agreed with the guest"), _("Wrong entry time")),
        asks=("price",),
    ),
    Deed(
        name="lost-ticket",
        label=_("Lost ticket"),
        words=_("It costs at least what the lot asks for a lost ticket, or the price that you set."),
        done=_("Its ticket counts as lost."),
        run=_lose_ticket,
        reasons=(_("Lost ticket"),),
        asks=("price",),
    ),
    Deed(
        name="move",
        label=_("Move to a space"),
        words=_("The number of the space that the car stands on; empty for none. Its price stays that of its entry."),
        done=_("It is moved."),
        run=_move,
        asks=("space",),
    ),
    Deed(
        name="reopen",
        label=_("Still here: open again"),
        words=_("The stay goes on as if it never had ended."),
        done=_("The stay goes on."),
        run=_reopen,
        statuses=frozenset({Status.ENDED}),
        reasons=(_("Still here"), _("Ended by mistake")),
    ),
    Deed(
        name="end",
        label=_("It left: end the stay"),
        words=_("Its space is free again. What was still to be paid stays on the record."),
        done=_("The stay is over."),
        run=_end,
        reasons=(_("Left unseen"), _("Left by another way"), _("Towed away")),
        is_destructive=True,
    ),
    Deed(
        name="void",
        label=_("Never was"),
        words=_("A misread plate, a car that turned round: nothing is to be paid. This can't be undone."),
        done=_("The stay is void."),
        run=_void,
        reasons=(_("Misread plate"), _("Turned round")),
        is_destructive=True,
    ),
)


def deeds(stay: ParkingSession, owes: bool) -> list[Deed]:
    """What can be done to the stay as it stands."""
    return [deed for deed in DEEDS if deed.applies(stay, owes)]
