"""Promo codes are not to be guessed: who is wrong too often waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from rest_framework.request import Request

from orders.errors import PromoNotValid
from trufan.lib.errors import DomainError
from trufan.lib.throttling import guarded


def entering(codes: Sequence[str], request: Request) -> AbstractContextManager[None]:
    """What stands around the pricing of a cart with these codes; without codes there is nothing to guess."""
    return guarded("promo_code", request, _is_a_guess) if codes else nullcontext()


def _is_a_guess(refusal: DomainError) -> bool:
    return any(detail.code == PromoNotValid.code for detail in refusal.details)
