"""Amounts as Stripe writes them: mostly ISO 4217's minor units, as ours are, with exceptions of its own.

https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from payments.errors import GatewayRefused
from trufan.lib.errors import Detail
from trufan.lib.money import minor_digits

#: Where Stripe counts other decimals than ISO 4217: króna and shilling keep two zeros from before, ariary has none.
_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
#: Card networks take no thousandths: the last of three decimals has to be 0.
_THREE_DIGITS = 3


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units in Stripe's. Raises `GatewayRefused` for an amount that Stripe has no number for."""
    if amount % (unit := smallest_unit(currency)):
        message = f"Stripe does not move the smallest coins of {currency}: the amount has to be a multiple of {unit}."
        raise GatewayRefused(message, details=[Detail("amount", "indivisible_amount", message)])
    return amount * 10 ** _digits(currency) // 10 ** minor_digits(currency)


def smallest_unit(currency: str) -> int:
    """The smallest amount that Stripe moves, in our minor units: 10 for KWD, 100 for MGA, else 1."""
    ours, theirs = minor_digits(currency), _digits(currency)
    if theirs == _THREE_DIGITS:
        return 10
    return 10 ** max(ours - theirs, 0)


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in our minor units, rounded down: an amount that we never asked for matches none of ours."""
    return amount * 10 ** minor_digits(currency) // 10 ** _digits(currency)


def _digits(currency: str) -> int:
    return _DIGITS.get(currency, minor_digits(currency))
