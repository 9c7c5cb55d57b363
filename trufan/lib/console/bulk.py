"""Deeds on many rows of a list: chosen there, told in figures on a page, and done once these were seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from trufan.lib.console.forms import in_full
from trufan.lib.console.review import answered, review
from trufan.lib.errors import DomainError


@dataclass(frozen=True)
class BulkDeed:
    """`run(rows, by=…, now=…)` does it to all of the rows or to none, and says in words what it did.

    `figures(rows, now)` says in words what that will be. `permission` is asked at the venue of every row.
    """

    name: str
    label: str
    permission: str
    figures: Callable[[QuerySet, datetime], str]
    run: Callable[..., str]


class BulkMixin:
    """Gives a `ModelAdmin` its `bulk`, as the list's actions. Expects `rows_where` of the tenancy."""

    bulk: Sequence[BulkDeed] = ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {
            deed.name: (self._action(deed), deed.name, deed.label)
            for deed in self.bulk
            if self.may(request, deed.permission)  # type: ignore[attr-defined]
        }

    def _action(self, deed: BulkDeed) -> Callable[..., HttpResponse | None]:
        def press(page: Any, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
            # Chosen by whoever may see them; done to those that the person may change.
            mine = page.rows_where(request, deed.permission).filter(pk__in=rows.order_by().values("pk")).order_by("pk")
            now = timezone.now()
            try:
                figures = deed.figures(mine, now)
                if not answered(request, figures):
                    return review(page, request, figures)
                messages.success(request, deed.run(mine, by=request.user, now=now))
            except DomainError as refusal:
                messages.error(request, in_full(refusal))
            return None

        return press
