"""Promo codes as a spreadsheet takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

from orders.promos.models import PromoCode


def csv_answer(promos: Iterable[PromoCode]) -> HttpResponse:
    """A download of the codes, which browsers keep to themselves."""
    headers = {"Content-Disposition": 'attachment; filename="promo-codes.csv"', "Cache-Control": "no-store"}
    return HttpResponse(as_csv(promos), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(promos: Iterable[PromoCode]) -> str:
    """`code,batch,used,total_limit,is_active`, one line a code, as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", "batch", "used", "total_limit", "is_active"])
    for promo in promos:
        writer.writerow([promo.code, _inert(promo.batch), promo.used, promo.total_limit, promo.is_active])
    return text.getvalue()


def _inert(text: str) -> str:
    """What a spreadsheet would take for a formula, as text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
