"""Carts of tickets as the API takes them, for the tests of prices."""

from __future__ import annotations

from typing import Any

from ticketing.models import TicketRelease, TicketType

ORDERS = "/api/v1/orders"
PREVIEW = f"{ORDERS}/preview"


def line(kind: TicketType, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A line of a cart."""
    return {"type": "ticket", "id": str(kind.pk), "quantity": quantity, **more}


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"items": list(lines), **more}


def problems(answer: Any) -> list[tuple[str, str]]:
    """`(field, code)` of everything that is wrong."""
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


def counts(release: TicketRelease) -> tuple[int, int]:
    """What of a release is held and sold."""
    release.refresh_from_db()
    return release.held, release.sold


def pay(api: Any, order: dict[str, Any]) -> None:
    """Pay an order of this caller."""
    answer = api.post(f"{ORDERS}/{order['id']}/pay", {"payment_method": "pm_card_visa"})
    assert answer.json()["status"] == "succeeded", answer.json()
