"""What drivers are told of their money and their time: by mail, or by SMS where only a number is known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from notifications.outbox import notify
from notifications.values import money
from parking.stays import access, papers
from parking.stays.models import ParkingCharge, ParkingSession


def paid(charge: ParkingCharge) -> None:
    """The money of a charge is there; with the address of its receipt."""
    _tell_of(charge, "parking_receipt", charge.amount_total, receipt_url=papers.url_of(charge.pk))


def refunded(charge: ParkingCharge, amount: int) -> None:
    """Money of a charge went back."""
    _tell_of(charge, "parking_refunded", amount)


def tell(session: ParkingSession, template: str, **context: Any) -> bool:
    """Say something to whose car it is; whether there is somebody to say it to."""
    email = session.contact_email or (session.user.email if session.user else "")
    said = {"lot": session.lot.name, "number": session.number, **context}
    return _send(template, email, session.contact_phone, said, session.user_id, session.venue_id)


def show_time(session: ParkingSession, moment: Any) -> str:
    """`18:30` by the clock of the venue."""
    return f"{moment.astimezone(session.lot.zone):%H:%M}"


def where(session: ParkingSession) -> dict[str, str]:
    """Where the driver sees the stay, for a message. A guest's link opens it: a secret, erased once it is sent."""
    return {("stay_url" if session.user_id else "link"): access.link(session)}


def _tell_of(charge: ParkingCharge, template: str, amount: int, **context: Any) -> None:
    said = {"amount": money(amount, charge.currency), "what": charge.description, **context}
    if charge.session is not None:
        tell(charge.session, template, **said)
    elif charge.change is not None:
        booked = charge.change.reservation
        said |= {"lot": charge.lot.name, "number": booked.number}
        order = booked.order
        _send(template, order.contact_email, order.contact_phone, said, order.user_id, charge.venue_id)


def _send(template: str, email: str, phone: Any, context: dict[str, Any], user: UUID | None, venue_id: UUID) -> bool:
    if email or phone:
        notify(template, user=user, email=email, phone=phone, venue_id=venue_id, context=context)
    return bool(email or phone)
