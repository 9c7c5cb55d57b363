"""Receipts of parking: what they say, where they are, and who may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from rest_framework.request import Request

from orders.permissions import reachable_order
from orders.receipts import contents, links
from orders.receipts.models import Receipt
from parking.stays.models import ParkingCharge
from trufan.lib.errors import Missing

_NAMES = {True: "parking-charge-receipt-pdf", False: "parking-charge-receipt"}
_PAPERS = {True: "parking-charge-paper-pdf", False: "parking-charge-paper"}


def contents_of(charge: ParkingCharge) -> dict[str, Any]:
    """What the receipt of a charge says: one line, or a tip."""
    is_tip = charge.kind == ParkingCharge.Kind.TIP
    lines = [] if is_tip else [_line(charge)]
    return {
        "venue": contents.venue_of(charge.lot.venue),
        "facts": _facts(charge),
        "lines": lines,
        "taxes": contents.by_rate(lines),
        "subtotal": 0 if is_tip else charge.price,
        "discount": charge.discount,
        "fees": charge.fee,
        "service_charge": 0,
        "tax": charge.tax,
        "tip": charge.amount_total if is_tip else 0,
        "total": charge.amount_total,
    }


def path_to(charge_id: UUID, number: int | None = None, *, pdf: bool = False, key: str = "") -> str:
    """Where a paper of a charge is; without a `number`, its receipt."""
    name = _NAMES[pdf] if number is None else _PAPERS[pdf]
    args = [charge_id] if number is None else [charge_id, number]
    return reverse(name, args=args, query={links.PARAMETER: key} if key else None)


def url_of(charge_id: UUID, number: int | None = None, *, pdf: bool = False) -> str:
    """The whole address of a paper, with a key that opens it for thirty days."""
    return settings.PUBLIC_URL + path_to(charge_id, number, pdf=pdf, key=links.key_for(charge_id))


def readable_charge(request: Request, charge_id: UUID) -> ParkingCharge:
    """The charge, for who may reach it and for who follows a link with a key to its papers. Raises `Missing`."""
    key = request.query_params.get(links.PARAMETER)
    if key is None:
        return reachable_charge(request, charge_id)
    charge = find(charge_id) if links.opens(charge_id, key) else None
    if charge is None:
        raise Missing(gettext("There is no such charge, or this link is too old."))
    return charge


def reachable_charge(request: Request, charge_id: UUID) -> ParkingCharge:
    """The charge, for who may reach its stay, or the order of the reservation that it changed. Raises `Missing`."""
    from parking.stays.permissions import reachable_session

    charge = find(charge_id)
    if charge is None:
        raise Missing(gettext("There is no such charge."))
    try:
        if charge.session_id is not None:
            reachable_session(request, charge.session_id)
        elif charge.change is not None:
            reachable_order(request, charge.change.reservation.order_id)
    except Missing:
        raise Missing(gettext("There is no such charge.")) from None
    return charge


def paper_of(charge: ParkingCharge, number: int) -> Receipt:
    """The charge's receipt, or a credit note on it, by its number. Raises `Missing`."""
    papers = Receipt.objects.filter(venue=charge.venue_id, number=number).select_related("order", "amends")
    paper = papers.first()
    if paper is None or charge.pk not in (paper.subject_id, paper.amends and paper.amends.subject_id):
        raise Missing(gettext("There is no such receipt."))
    return paper


def find(charge_id: UUID) -> ParkingCharge | None:
    """The charge with all that its papers say, or nothing."""
    rows = ParkingCharge.objects.select_related("lot__venue", "session", "change__reservation")
    return rows.filter(pk=charge_id).first()


def _line(charge: ParkingCharge) -> dict[str, Any]:
    return {
        "id": str(charge.pk),
        "description": charge.description,
        "options": [gettext(part["words"]) for part in charge.parts],
        "quantity": 1,
        "unit_price": charge.price,
        "discount": charge.discount,
        "fee": charge.fee,
        "service_charge": 0,
        "net": charge.net,
        "tax": charge.tax,
        "total": charge.amount_total,
        "taxes": contents.taxes_of(charge),
    }


def _facts(charge: ParkingCharge) -> list[list[str]]:
    """What identifies it, by names that the paper translates. No plate: papers are kept for longer than plates are."""
    facts = [[gettext_noop("Charge"), charge.number], [gettext_noop("Lot"), charge.lot.name]]
    if charge.lot.operator_name:
        facts.append([gettext_noop("Operated by"), charge.lot.operator_name])
    if charge.session is not None:
        facts.append([gettext_noop("Stay"), charge.session.number])
    elif charge.change is not None:
        facts.append([gettext_noop("Reservation"), charge.change.reservation.number])
    if charge.promo_code:
        facts.append([gettext_noop("Validated with"), charge.promo_code])
    return facts
