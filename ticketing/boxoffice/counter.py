"""What the counter's form says, as the rule reads it; the same checks as the API's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from ticketing.boxoffice.models import DoorSale
from ticketing.boxoffice.serializers import SellSerializer
from ticketing.models import TicketType
from ticketing.seats.choosing import BEST, SEATS
from ticketing.slots.counting import KEY as SLOT
from trufan.lib.errors import Invalid
from trufan.lib.money import parse


def read(given: QueryDict, types: Sequence[TicketType], currency: str) -> SellSerializer:
    """The form as a checked request: of each ticket type `quantity_<id>`, `seats_<id>` (ticked), `labels_<id>` (typed),
    `section_<id>` and `slot_<id>`; then `method`, `tendered` as people write it, and the rest.

    Raises `Invalid` where nothing is sold or an amount can't be read, `ValidationError` for the rest.
    """
    items = [item for kind in types if (item := _item(given, kind))]
    if not items:
        raise Invalid.field("items", "Choose at least one ticket.")
    said: dict[str, Any] = {"items": items, "method": given.get("method", "")}
    if said["method"] == DoorSale.Method.CASH:
        said["tendered"] = _amount(given.get("tendered", ""), currency)
    else:
        said["terminal_reference"] = given.get("terminal_reference", "")
    said["contact"] = {name: given.get(name, "").strip() for name in ("name", "email", "phone")}
    asked = SellSerializer(data=said)
    asked.is_valid(raise_exception=True)
    return asked


def seats_chosen(given: QueryDict, kind: TicketType) -> list[str]:
    """The seats that were ticked and those that were typed, with commas between."""
    typed = (label.strip().upper() for label in given.get(f"labels_{kind.pk}", "").split(","))
    return list(dict.fromkeys([*given.getlist(f"seats_{kind.pk}"), *filter(None, typed)]))


def _item(given: QueryDict, kind: TicketType) -> dict[str, Any] | None:
    """A line of the cart; seats that are chosen count themselves where no number is said."""
    seats = seats_chosen(given, kind)
    wanted = given.get(f"quantity_{kind.pk}", "").strip()
    if wanted in ("", "0") and seats:
        wanted = str(len(seats))
    if wanted in ("", "0"):
        return None
    item: dict[str, Any] = {"type": TicketType.sellable_type, "id": str(kind.pk), "quantity": wanted}
    section = given.get(f"section_{kind.pk}", "")
    if seats:
        item[SEATS.name] = seats
    elif section:
        item[BEST.name] = {"section": section}
    if slot := given.get(f"slot_{kind.pk}", ""):
        item[SLOT] = slot
    return item


def _amount(text: str, currency: str) -> int | None:
    if not text.strip():
        return None
    try:
        return parse(text.strip(), currency)
    except ValueError:
        raise Invalid.field("tendered", f"This is not an exact amount of {currency}, such as 20.00.") from None
