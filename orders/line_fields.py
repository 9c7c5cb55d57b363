"""Fields that a kind of thing adds to the lines of a cart, and to the cart itself.

Orders know quantity, options and a note. What else has to be said of a ticket (its seat, who comes) its own app
registers here once, from its `AppConfig.ready()`, and finds again in `CartLine.asks` or `Extras.asks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework import serializers

from orders.sellable import CartLine
from trufan.lib.serializing import forget_shared

Make = Callable[[], serializers.Field]


@dataclass(frozen=True)
class LineField:
    """A field of the lines of one kind.

    `make` builds it for a cart, with `required=False`; what it reads in must be fit for JSON, for the order keeps it.
    `shown` builds it for an order, from the source it is given, where `Offer.keeps` has something by that name.
    """

    kind: str
    name: str
    make: Make
    shown: Callable[..., serializers.Field] | None = None


@dataclass(frozen=True)
class CartField:
    """A field of the whole cart; `make` builds it with `required=False`.

    Where it stands for lines, `lines(value, now)` says which, or raises `CartRefused`; each has something fit for JSON
    in its `asks` by the name of the field, and the order keeps that.
    """

    name: str
    make: Make
    lines: Callable[[Any, datetime], Sequence[CartLine]] | None = None


_lines: dict[str, LineField] = {}
_carts: dict[str, CartField] = {}


def register(field: LineField) -> None:
    """Add a field to lines; one name belongs to one kind."""
    _lines[field.name] = field
    forget_shared()


def register_cart(field: CartField) -> None:
    """Add a field to carts."""
    _carts[field.name] = field
    forget_shared()


def for_lines() -> dict[str, serializers.Field]:
    return {name: field.make() for name, field in _lines.items()}


def for_carts() -> dict[str, serializers.Field]:
    return {name: field.make() for name, field in _carts.items()}


def shown(source: str) -> dict[str, serializers.Field]:
    """The fields as they are shown, each read from `source` by its name; null where there is nothing to show."""
    return {
        name: field.shown(source=f"{source}.{name}", read_only=True, allow_null=True)
        for name, field in _lines.items()
        if field.shown
    }


def asked_of_line(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was said in the fields of that kind. Raises `ValidationError` for a field of another."""
    asks = {name: given[name] for name in _lines if name in given}
    if wrong := {name: f"Only for a {_lines[name].kind}." for name in asks if _lines[name].kind != kind}:
        raise serializers.ValidationError(wrong)
    return asks


def asked_of_cart(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _carts if name in given}


def lines_of_cart(asks: Mapping[str, Any], now: datetime) -> list[CartLine]:
    """The lines that the fields of a cart stand for."""
    found: list[CartLine] = []
    for name, field in _carts.items():
        if field.lines and asks.get(name):
            found += field.lines(asks[name], now)
    return found


def fields_of_lines() -> list[str]:
    """The names of the fields of a cart that stand for lines."""
    return [name for name, field in _carts.items() if field.lines]
