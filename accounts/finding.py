"""Finding accounts from the console's search box; for super admins alone."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from accounts.models import User
from trufan.lib.console import columns, finding
from trufan.lib.console.finding import Found
from trufan.lib.numbers import as_phone


def find(request: HttpRequest, typed: str) -> Iterable[Found]:
    """By the whole address or phone number."""
    rows = finding.mine(request, User)
    phone = as_phone(typed)
    if rows is None or not (phone or "@" in typed):
        return []
    found = rows.filter(phone=phone) if phone else rows.filter(email=typed.lower())
    return [Found(str(row), row.email, columns.change_url(row), exact=True) for row in found]
