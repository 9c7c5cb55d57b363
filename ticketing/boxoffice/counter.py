"""What the counter's form says, as the rule reads it; the same checks as the API's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from ticketing.boxoffice.models import DoorSale
from ticketing.boxoffice.serializers import CounterCartSerializer, SellSerializer
from ticketing.models import TicketType
from ticketing.pricing.bundling import FIELD
from ticketing.pricing.models import Bundle
from ticketing.seats.choosing import BEST, SEATS
from ticketing.slots.counting import KEY as SLOT
from trufan.lib.errors import Invalid
from trufan.lib.money import parse


def read_cart(given: QueryDict, types: Sequence[TicketType], bundles: Sequence[Bundle]) -> CounterCartSerializer:
    """What was chosen so far, as a checked request. Raises like `read`."""
    asked = CounterCartSerializer(data=_cart(given, types, bundles))
    asked.is_valid(raise_exception=True)
    return asked


def read(given: QueryDict, types: Sequence[TicketType], bundles: Sequence[Bundle], currency: str) -> SellSerializer:
    """The form as a checked request: of each ticket type `quantity_<id>`, `seats_<id>` (ticked), `labels_<id>` (typed),
    `section_<id>`, `slot_<id>` and `amount_<id>`, of each bundle `bundle_<id>`, and `promo_code`; then `method`,
    `tendered` as people write it, and the rest.

    Raises `Invalid` where nothing is sold or an amount can't be read, `ValidationError` for the rest.
    """
    said = _cart(given, types, bundles)
    if "items" not in said and not said[FIELD]:
        raise Invalid.field("items", "Choose at least one ticket.")
    said["method"] = given.get("method", "")
    if said["method"] == DoorSale.Method.CASH:
        said["tendered"] = _amount(given.get("tendered", ""), currency, "tendered")
    else:
        said["terminal_reference"] = given.get("terminal_reference", "")
    said["contact"] = {name: given.get(name, "").strip() for name in ("name", "email", "phone")}
    asked = SellSerializer(data=said)
    asked.is_valid(raise_exception=True)
    return asked


def _cart(given: QueryDict, types: Sequence[TicketType], bundles: Sequence[Bundle]) -> dict[str, Any]:
    wanted = {bundle.pk: given.get(f"bundle_{bundle.pk}", "").strip() for bundle in bundles}
    items = [item for kind in types if (item := _item(given, kind))]
    return {
        **({"items": items} if items else {}),
        FIELD: [{"id": str(pk), "quantity": count} for pk, count in wanted.items() if count not in ("", "0")],
        "promo_codes": [code for code in given.get("promo_code", "").replace(",", " ").split() if code],
    }


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
    if kind.min_price is not None:
        amount = _amount(given.get(f"amount_{kind.pk}", ""), kind.event.venue.currency, "amount")
        item |= {} if amount is None else {"amount": amount}
    return item


def _amount(text: str, currency: str, field: str) -> int | None:
    if not text.strip():
        return None
    try:
        return parse(text.strip(), currency)
    except ValueError:
        raise Invalid.field(field, f"This is not an exact amount of {currency}, such as 20.00.") from None
