"""Money is an integer of minor units (cents) and an ISO 4217 currency; never a float.

The number of minor digits follows ISO 4217 (list one, maintained by SIX); what it does not name here has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.core import get_global
from babel.numbers import format_currency
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext

_NO_MINOR = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_MINOR = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_CURRENCIES = frozenset(get_global("all_currencies"))
#: Language → how Babel writes numbers in it; where we know none, as in the United States.
LOCALES = {"en": "en_US", "es": "es_ES"}
#: The largest amount accepted anywhere, in minor units; far below what a 64-bit column holds.
MAX_AMOUNT = 99_999_999_99


def minor_digits(currency: str) -> int:
    """How many decimal digits the currency has: 0 for JPY, 2 for USD, 3 for KWD."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_MINOR else 2


def parse(text: str, currency: str) -> int:
    """`"12.50"`, `"USD"` → 1250. Raises `ValueError` on anything that is not an exact amount of the currency."""
    try:
        amount = Decimal(text)
        minor = amount.scaleb(minor_digits(currency))
        exact = minor == minor.to_integral_value()
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount of money") from None
    if not exact:
        raise ValueError(f"{text!r} has more decimals than {currency} allows")
    if abs(minor) > MAX_AMOUNT:
        raise ValueError(f"{text!r} is too large")
    return int(minor)


def to_decimal(amount: int, currency: str) -> Decimal:
    """1250, `"USD"` → `Decimal("12.50")`."""
    return Decimal(amount).scaleb(-minor_digits(currency))


def show(amount: int, currency: str, locale: str | None = None) -> str:
    """1250, `"USD"` → `$12.50`, as the locale writes it, else the active language; no decimal is ever rounded away."""
    locale = locale or LOCALES.get(get_language() or "", "en_US")
    return format_currency(to_decimal(amount, currency), currency, locale=locale, decimal_quantization=False)


def allot(total: int, weights: Sequence[int]) -> list[int]:
    """Parts of `total` in proportion to `weights` that sum to it exactly, by largest remainder (Hamilton's method).

    Equal remainders go to the earlier part, so the same input always gives the same answer. All weights zero:
    equal parts. Raises `ValueError` on no weights or a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be present and not negative")
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def advance(total: int, weights: Sequence[int], given: Sequence[int]) -> list[int]:
    """Parts of `total` in proportion to `weights`, none of them less than in `given`, the parts of a smaller total.

    For money that goes back in any number of steps: the parts sum to `total`, each is its exact quota rounded down or
    up, none ever shrinks, and at `total == sum(weights)` each is its weight. That takes looking ahead: the cent goes
    to whose quota is the first to demand one (the quota method of apportionment, by earliest deadline).
    `given` is all zeros or a former answer for the same weights. Raises `ValueError` where there is no answer.
    """
    whole = sum(weights)
    if not 0 <= total <= whole or len(given) != len(weights):
        raise ValueError("parts advance towards the sum of their weights")
    parts = [max(had, total * weight // whole) if whole else 0 for had, weight in zip(given, weights, strict=True)]

    def may_grow(i: int) -> bool:
        return parts[i] < -(-total * weights[i] // whole)

    def deadline(i: int) -> tuple[int, int]:
        return -(-(parts[i] + 1) * whole // weights[i]), i

    for i in sorted(filter(may_grow, range(len(weights))), key=deadline)[: max(total - sum(parts), 0)]:
        parts[i] += 1
    if sum(parts) != total:
        raise ValueError("the given parts are not those of a smaller total")
    return parts


def approach(total: int, weights: Sequence[int], given: Sequence[int]) -> list[int]:
    """As `advance`, but from any `given` parts: of what they leave, each gets in proportion to what it has left.

    No part grows beyond its weight, none shrinks, and the parts sum to `total`. Raises `ValueError` where a given part
    is more than its weight, or they are more than `total`.
    """
    if total == sum(given):
        return list(given)
    try:
        return advance(total, weights, given)
    except ValueError:
        room = [weight - had for weight, had in zip(weights, given, strict=True)]
        need = total - sum(given)
        if min(room, default=-1) < 0 or not 0 <= need <= sum(room):
            raise
        return [had + part for had, part in zip(given, allot(need, room), strict=True)]


def share(amount: int, ppm: int) -> int:
    """`ppm` millionths of `amount` (8.875 % is 88,750 ppm), rounded half away from zero to the minor unit."""
    size = (abs(amount) * ppm + 500_000) // 1_000_000
    return size if amount >= 0 else -size


def validate_currency(value: str) -> None:
    """Refuse what ISO 4217 does not list."""
    if value not in _CURRENCIES:
        raise ValidationError(
            gettext("Give a three-letter ISO 4217 currency code, such as USD."), code="invalid_currency"
        )


class AmountField(models.BigIntegerField):
    """An amount in minor units of the row's currency."""

    description = "Amount in minor units"


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_currency]
