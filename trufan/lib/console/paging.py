"""Pages of a list that never counts all of its rows: it counts as far as somebody would turn pages, and no further."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

#: So many rows are counted for the first pages, and so many pages beyond the one that is open.
ROWS, AHEAD = 1_000, 10
#: Nobody turns more pages than this: further rows are found by a filter, a search or in the export.
PAGES = 200


class BoundedPaginator(Paginator):
    """Counts no more rows than `bound`; `has_more` says that there are more.

    A queryset is counted inside a LIMIT, so that a page costs the same in the first year and in the tenth.
    """

    template_name = "admin/console/pagination.html"

    def __init__(self, object_list: Any, per_page: int, *args: Any, bound: int = ROWS, **kwargs: Any) -> None:
        super().__init__(object_list, per_page, *args, **kwargs)
        self.bound = bound

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by().values("pk")[: self.bound + 1].count()
        return len(rows)

    @cached_property
    def count(self) -> int:
        """How many rows there are, `bound` at most."""
        return min(self._counted, self.bound)

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than `count` says."""
        return self._counted > self.bound


def bound_at(page: str | None, per_page: int) -> int:
    """How far to count so that the pages around this one can be turned."""
    number = int(page) if page and page.isdecimal() and len(page) < 10 else 1
    return max(ROWS, (min(number, PAGES) + AHEAD) * per_page)
