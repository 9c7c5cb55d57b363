"""Promo codes, and what else of a cart is a secret word, are not to be guessed: who is wrong too often waits."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from rest_framework.request import Request

from orders.cart import Extras
from orders.errors import PromoNotValid
from trufan.lib.errors import DomainError
from trufan.lib.throttling import guarded

#: Fields of a cart that hold words of other apps → the code by which a wrong one is refused.
_words: dict[str, str] = {}


def register(field: str, code: str) -> None:
    """Count refusals by `code` as wrong guesses of a cart in which `field` is given."""
    _words[field] = code


def entering(extras: Extras, request: Request) -> AbstractContextManager[None]:
    """What stands around the pricing of a cart with these codes; without codes there is nothing to guess."""
    given = extras.codes or any(extras.asks.get(field) for field in _words)
    return guessing(request) if given else nullcontext()


def guessing(request: Request) -> AbstractContextManager[None]:
    """What stands around anything that a wrong word is said to; all such words are counted together."""
    return guarded("promo_code", request, _is_a_guess)


def _is_a_guess(refusal: DomainError) -> bool:
    wrong = {PromoNotValid.code, *_words.values()}
    return any(detail.code in wrong for detail in refusal.details)
