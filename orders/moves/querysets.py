"""Named reads of moves."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class EventMoveQuerySet(BaseQuerySet):
    def with_answers(self) -> EventMoveQuerySet:
        """With how many buyers keep and how many give back."""
        return self.annotate(
            kept=Count("answers", filter=Q(answers__answer="keep")),
            given_back=Count("answers", filter=Q(answers__answer="refund")),
        )

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> EventMoveQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
