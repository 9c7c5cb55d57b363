"""Promo codes as a spreadsheet takes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse

from orders.promos.models import PromoCode
from trufan.lib import spreadsheets

_COLUMNS = ("code", "batch", "used", "total_limit", "is_active")


def csv_answer(promos: Iterable[PromoCode]) -> HttpResponse:
    """A download of the codes, which browsers keep to themselves."""
    headers = {"Content-Disposition": 'attachment; filename="promo-codes.csv"', "Cache-Control": "no-store"}
    return HttpResponse(as_csv(promos), content_type=spreadsheets.CONTENT_TYPE, headers=headers)


def as_csv(promos: Iterable[PromoCode]) -> str:
    """`code,batch,used,total_limit,is_active`, one line a code, as RFC 4180 has it."""
    return "".join(spreadsheets.lines([_COLUMNS, *([getattr(promo, name) for name in _COLUMNS] for promo in promos)]))
