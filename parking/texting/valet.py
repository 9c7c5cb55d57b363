"""READY and ETA: asking for a car in our hands, and how long it takes. It is handed over by its PIN alone."""

from __future__ import annotations

from datetime import timedelta

from notifications.sms.commands import Asked
from parking.lots.models import ParkingLot
from parking.stays import access, leaving, telling
from parking.stays.models import ParkingSession
from parking.texting import finding
from parking.texting.words import refused_in_words, say
from parking.valet import moves, queue, requesting
from parking.valet.models import ValetTicket
from trufan.lib.money import show

Status, SMS = ValetTicket.Status, ValetTicket.Channel.SMS
#: So many of the letters that describe a car are said.
_DESCRIBED = 24
_MINUTES = frozenset({"M", "MIN", "MINS", "MINUTE", "MINUTES", "MINUTO", "MINUTOS"})
#: Further ahead a car is asked for in the app.
_FARTHEST = 24 * 60


@refused_in_words
def ready(asked: Asked) -> str:
    """Bring the car: of the sender, or of the ticket whose number and PIN are given."""
    found = finding.tickets_named(finding.tickets(asked), asked.words)
    if not found and (row := _by_pin(asked)):
        return where(row, asked)
    if len(found) != 1:
        return _which(found, "READY", asked)
    return where(moves.request(found[0], channel=SMS, by=None, now=asked.now), asked)


@refused_in_words
def eta(asked: Asked) -> str:
    """When the car would be there; with minutes, it is wanted then: `ETA 20` is who comes in twenty minutes."""
    minutes, rest = _minutes(asked.words)
    found = finding.tickets_named(finding.tickets(asked), rest)
    if len(found) != 1:
        return _which(found, "ETA" if minutes is None else f"ETA {minutes}", asked)
    ticket = found[0]
    if minutes is not None:
        at = asked.now + timedelta(minutes=minutes)
        ticket = moves.request(ticket, channel=SMS, by=None, now=asked.now, wanted_at=at)
    return where(ticket, asked)


def where(ticket: ValetTicket, asked: Asked) -> str:
    """Where the car is, when it is there, and what is to be paid for it."""
    wanted = queue.place_of(ticket, asked.now)
    said = {"car": _car(ticket, asked), "minutes": wanted.minutes, "place": wanted.place}
    if ticket.status == Status.REQUESTED and ticket.wanted_at is not None and ticket.wanted_at > asked.now:
        words = say("wanted", asked, car=said["car"], at=telling.show_time(ticket.session, ticket.wanted_at))
    else:
        name = "parked" if ticket.status == Status.DROPPED_OFF else ticket.status
        words = say(name, asked, **said)
    if ticket.status in (Status.DROPPED_OFF, Status.PARKED):
        return words
    return " ".join(filter(None, (words, _to_pay(ticket.session, asked))))


def name_of(ticket: ValetTicket) -> str:
    """What the sender writes to mean this one of several."""
    what = ticket.vehicle or ticket.session.plate
    return f"{ticket.number} ({what[:_DESCRIBED]})" if what else str(ticket.number)


def _which(found: list[ValetTicket], command: str, asked: Asked) -> str:
    """None or several are meant. Of several that the words fit as well, nothing can be told apart but by number."""
    if not found:
        others = finding.tickets(asked)
        if not others:
            return say("no_valet", asked)
        found = others
    return say("which", asked, command=command, names=", ".join(name_of(each) for each in found))


def _car(ticket: ValetTicket, asked: Asked) -> str:
    what = ticket.vehicle or ticket.session.plate
    return say("car", asked, number=ticket.number, what=f" ({what[:_DESCRIBED]})" if what else "")


def _to_pay(stay: ParkingSession, asked: Asked) -> str:
    stay = ParkingSession.objects.with_lot().get(pk=stay.pk)
    owed = leaving.to_pay(stay, asked.now)
    return say("to_pay", asked, amount=show(owed, stay.currency), link=access.payer_link(stay)) if owed else ""


def _by_pin(asked: Asked) -> ValetTicket | None:
    """`READY 12 04711`, written to the number of a venue one of whose lots has such a ticket.

    Where two of them have, the PIN is not tried at either: a try is counted.
    """
    if asked.venue_id is None or len(asked.words) != 2 or not all(_is_digits(word) for word in asked.words):
        return None
    number, pin = asked.words
    lots = ParkingLot.objects.filter(venue=asked.venue_id).select_related("venue")
    found = list(lots.filter(pk__in=ValetTicket.objects.here().filter(number=int(number)).values("lot")))
    if len(found) != 1:
        return None
    return requesting.by_number(found[0], int(number), pin, SMS, asked.now)


def _minutes(words: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
    if not words:
        return None, ()
    first, rest = words[0], words[1:]
    bare = next((first[: -len(unit)] for unit in _MINUTES if first.endswith(unit)), first)
    if not _is_digits(bare) or int(bare) > _FARTHEST:
        return None, words
    return int(bare), rest[1:] if rest and rest[0] in _MINUTES else rest


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
