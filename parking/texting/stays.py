"""STATUS, EXTEND and OUT. More time is paid by a link in the answer: a message alone never charges anybody.

OUT, and STOP PARKING which means the same, ends a stay only where nothing is due. A bare STOP never does: it is the
carriers' word for no more messages (docs/adr/0013-stop-by-sms.md).
"""

from __future__ import annotations

import re
from datetime import timedelta

from notifications.sms.commands import Asked
from parking.errors import StayUnpaid
from parking.stays import access, covering, extending, leaving, telling
from parking.stays.models import ParkingCharge, ParkingSession
from parking.texting import finding, valet
from parking.texting.words import refused_in_words, say
from trufan.lib.money import show

#: What may follow STOP, or OUT, and names no car.
PARKING = frozenset({"PARKING", "PARK", "CAR", "STAY", "COCHE", "APARCAMIENTO", "ESTACIONAMIENTO", "ESTANCIA"})
#: Longer than this a stay is extended in the app.
LONGEST = timedelta(hours=24)
_HOURS = "H|HR|HRS|HOUR|HOURS|HORA|HORAS"
_MINUTES = "M|MIN|MINS|MINUTE|MINUTES|MINUTO|MINUTOS"
_LENGTH = re.compile(rf"(?:(?P<hours>[0-9]{{1,3}})(?:{_HOURS}))?(?:(?P<minutes>[0-9]{{1,4}})(?:{_MINUTES})?)?")
_UNIT = re.compile(f"{_HOURS}|{_MINUTES}")


@refused_in_words
def status(asked: Asked) -> str:
    """Every car of the sender: where it is, until when, and what is to be paid."""
    tickets = finding.tickets_named(finding.tickets(asked), asked.words)
    kept = {ticket.session_id for ticket in tickets}
    stays = [stay for stay in finding.stays_named(finding.stays(asked), asked.words) if stay.pk not in kept]
    if not tickets and not stays:
        return say("no_stay", asked)
    is_only_one = len(tickets) + len(stays) == 1
    lines = [valet.where(ticket, asked) for ticket in tickets]
    return "\n".join([*lines, *(_line(stay, asked, with_link=is_only_one) for stay in stays)])


@refused_in_words
def extend(asked: Asked) -> str:
    """Stay longer: at once where it costs nothing, else the space is held while it is paid by the link."""
    more, rest = length_of(asked.words)
    if more is None or not timedelta(0) < more <= LONGEST:
        return say("how_long", asked)
    found = finding.stays_named(finding.stays(asked), rest)
    if len(found) != 1:
        return _which(found, f"EXTEND {_show(more)}", asked)
    stay = found[0]
    if stay.expires_at is None:
        return say("no_end", asked, name=name_of(stay), lot=stay.lot.name)
    until = stay.expires_at + more
    charge = extending.prepare(stay, until if until > asked.now else asked.now + more, payer=None, now=asked.now)
    return _extended(stay, charge, asked)


@refused_in_words
def out(asked: Asked) -> str:
    """The car is gone, or goes: its stay ends where no gate sees it, and nothing is due."""
    words = asked.words[1:] if asked.words and asked.words[0] in PARKING else asked.words
    found = finding.stays_named(finding.stays(asked), words)
    if len(found) != 1:
        return _which(found, "OUT", asked)
    stay = found[0]
    try:
        leaving.end(stay, by=None, by_staff=False, reason="By SMS", now=asked.now)
    except StayUnpaid as refusal:
        amount = show(refusal.data["amount"], stay.currency)
        return say("pay_first", asked, amount=amount, link=access.payer_link(stay))
    return say("ended", asked, name=name_of(stay), lot=stay.lot.name, number=stay.number)


def means_parking(asked: Asked) -> bool:
    """Whether the words after STOP mean a stay: PARKING, or the plate of a car of theirs that is parked."""
    words = asked.words[1:] if asked.words and asked.words[0] in PARKING else asked.words
    return not words or bool(finding.stays_named(finding.stays(asked), words))


def goes_on(asked: Asked) -> str:
    """What who wrote a bare STOP must know of a stay that goes on."""
    found = finding.stays(asked)
    if not found:
        return ""
    stay = next((each for each in found if _ends_by_hand(each)), found[0])
    return say("goes_on" if _ends_by_hand(stay) else "goes_on_gate", asked, lot=stay.lot.name)


def length_of(words: tuple[str, ...]) -> tuple[timedelta | None, tuple[str, ...]]:
    """How much longer, and the words after it: `1H`, `30M`, `1H30`, `2` (hours), `2 HOURS`; None where none is said."""
    if not words:
        return None, ()
    first, rest = words[0], words[1:]
    if first.isdigit() and rest and _UNIT.fullmatch(rest[0]):
        first, rest = first + rest[0], rest[1:]
    match = _LENGTH.fullmatch(first)
    if match is None or not (match["hours"] or match["minutes"]):
        return None, words
    hours, minutes = int(match["hours"] or 0), int(match["minutes"] or 0)
    if first.isdigit():
        hours, minutes = minutes, 0
    return timedelta(hours=hours, minutes=minutes), rest


def name_of(stay: ParkingSession) -> str:
    """What the sender writes to mean this one of several."""
    return stay.plate or stay.number


def _ends_by_hand(stay: ParkingSession) -> bool:
    return not stay.lot.has_barrier and stay.origin != ParkingSession.Origin.VALET


def _line(stay: ParkingSession, asked: Asked, *, with_link: bool) -> str:
    name = "since" if stay.expires_at is None else "until" if stay.expires_at >= asked.now else "over"
    at = telling.show_time(stay, stay.expires_at or stay.started_at)
    said = say(name, asked, name=name_of(stay), lot=stay.lot.name, at=at)
    owed = leaving.to_pay(stay, asked.now)
    link = access.payer_link(stay) if with_link else ""
    return f"{said} {say('to_pay', asked, amount=show(owed, stay.currency), link=link)}".rstrip() if owed else said


def _extended(stay: ParkingSession, charge: ParkingCharge | None, asked: Asked) -> str:
    if charge is None:
        stay.refresh_from_db(fields=["expires_at"])
        at = telling.show_time(stay, stay.expires_at)
        return say("extended", asked, name=name_of(stay), lot=stay.lot.name, at=at)
    return say(
        "pay_for_more",
        asked,
        name=name_of(stay),
        at=telling.show_time(stay, charge.covers_until),
        amount=show(charge.amount_total, stay.currency),
        minutes=int(covering.HELD_FOR.total_seconds()) // 60,
        link=access.payer_link(stay),
    )


def _which(found: list[ParkingSession], command: str, asked: Asked) -> str:
    if not found:
        found = finding.stays(asked)
    if not found:
        return say("no_stay", asked)
    return say("which", asked, command=command, names=", ".join(name_of(stay) for stay in found))


def _show(more: timedelta) -> str:
    hours, minutes = divmod(int(more.total_seconds()) // 60, 60)
    return f"{hours}H{minutes:02}" if hours and minutes else f"{hours}H" if hours else f"{minutes}M"
