"""A door sale's tickets on paper, for the printer at the counter."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from ticketing.boxoffice.models import DoorSale
from ticketing.papers import tickets
from trufan.lib.errors import Missing


def tickets_of(sale: DoorSale) -> HttpResponse:
    """Those that still admit, a page each. Raises `Missing` where none does any more."""
    files = tickets.make(str(sale.order_id))
    if not files:
        raise Missing(gettext("None of these tickets is valid any more."))
    [(name, content, kind)] = files
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
