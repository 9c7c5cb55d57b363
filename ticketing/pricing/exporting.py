"""Unlock codes as a spreadsheet takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

from ticketing.pricing.models import UnlockCode
from trufan.lib.spreadsheets import cell


def csv_answer(codes: Iterable[UnlockCode]) -> HttpResponse:
    """A download of the codes, which browsers keep to themselves."""
    headers = {"Content-Disposition": 'attachment; filename="unlock-codes.csv"', "Cache-Control": "no-store"}
    return HttpResponse(as_csv(codes), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(codes: Iterable[UnlockCode]) -> str:
    """`code,name,batch,used,max_uses,is_active`, one line a code, as RFC 4180 has it; no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", "name", "batch", "used", "max_uses", "is_active"])
    for each in codes:
        writer.writerow([each.code, cell(each.name), cell(each.batch), each.used, each.max_uses, each.is_active])
    return text.getvalue()
