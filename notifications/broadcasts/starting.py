"""Beginning to tell an audience: one row in the transaction of what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from notifications import templating
from notifications.broadcasts import audiences
from notifications.broadcasts.models import Broadcast


def start(
    template: str,
    *,
    audience: str,
    audience_id: UUID,
    venue_id: UUID,
    context: dict[str, Any],
    dedupe_key: str | None = None,
    send_from: datetime | None = None,
    per_minute: int | None = None,
    started_by: Any = None,
) -> Broadcast | None:
    """Tell everybody of `audience` by `template`; part of the caller's transaction. None: it was announced already.

    `context` is the same for all, and what the audience is narrowed by (`bought_before`). `dedupe_key`: the fact that
    is announced once. Nobody is handed out before `send_from`. `per_minute`: fewer people a minute than the platform's
    setting. The sweep hands out. Raises `UnknownTemplate`, and `LookupError` for an unknown audience.
    """
    templating.check(template, "any")
    audiences.named(audience)
    row = Broadcast(
        template=template,
        audience=audience,
        audience_id=audience_id,
        venue_id=venue_id,
        context=context,
        dedupe_key=dedupe_key,
        next_batch_at=send_from or timezone.now(),
        per_minute=per_minute,
        started_by_id=getattr(started_by, "pk", started_by),
    )
    # ON CONFLICT DO NOTHING: a caught IntegrityError would abort the caller's transaction.
    Broadcast.objects.bulk_create([row], ignore_conflicts=dedupe_key is not None)
    if dedupe_key is not None and not Broadcast.objects.filter(pk=row.pk).exists():
        return None
    return row
