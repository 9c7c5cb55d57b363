"""Named reads of questions and answers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.grants import Permission
from events.querysets import PUBLIC
from trufan.lib.querysets import BaseQuerySet


class QuestionQuerySet(BaseQuerySet):
    def active(self) -> QuestionQuerySet:
        """Those that are asked."""
        return self.filter(is_active=True)

    def in_order(self) -> QuestionQuerySet:
        """As they are asked, each with the ticket types that it is for."""
        return self.order_by("position", "created_at", "pk").prefetch_related("ticket_types")

    def readable_by(self, user: Any) -> QuestionQuerySet:
        """What `user`, who may be nobody, may know of: what public events ask, and all where they work."""
        if user.is_authenticated and user.is_superuser:
            return self
        public = Q(is_active=True, event__status__in=PUBLIC, event__venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(event__venue_id__in=user.venues_where(Permission.VIEW_VENUE)))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> QuestionQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class AnswerQuerySet(BaseQuerySet):
    def with_question(self) -> AnswerQuerySet:
        return self.select_related("question").order_by("question__position", "question__created_at", "pk")

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> AnswerQuerySet:
        return self if user.is_superuser else self.filter(ticket__event__venue_id__in=user.venues_where(permission))
