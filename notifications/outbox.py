"""Saying something: a row in the transaction of what happened, delivered after its commit."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from notifications import tasks, templating
from notifications.models import Notification
from trufan.lib import gathered_nudges, nudging
from trufan.lib.appending import append


def notify(
    template: str,
    *,
    user: Any = None,
    email: str = "",
    phone: Any = "",
    context: dict[str, Any] | None = None,
    venue_id: UUID | None = None,
    dedupe_key: str | None = None,
    attachments: Sequence[tuple[str, str]] = (),
    language: str = "",
) -> Notification | None:
    """Tell a person, by the channels that they chose for this kind of message; part of the caller's transaction.

    `user`: the account, or its id; `email`, `phone`: what was given with the order or the stay, and all there is of a
    guest. `attachments`: (maker, id) of `notifications.attachments`. `language`: a guest's, where it is known. For the
    rest see `send`. Which rows it becomes is decided when a worker takes it up (`spreading`).
    """
    return _queue(
        Notification(
            channel=Notification.Channel.ANY,
            template=template,
            recipient=email,
            phone=str(phone or ""),
            context=context or {},
            user_id=getattr(user, "pk", user),
            venue_id=venue_id,
            attachments=[list(pair) for pair in attachments],
            language=language,
            dedupe_key=dedupe_key,
            next_attempt_at=timezone.now(),
        )
    )


def send(
    template: str,
    to: str,
    *,
    channel: str = Notification.Channel.EMAIL,
    context: dict[str, Any] | None = None,
    user: Any = None,
    venue_id: UUID | None = None,
    dedupe_key: str | None = None,
    language: str = "",
) -> Notification | None:
    """Queue `template` for the one address `to`, whatever its owner prefers: codes, links, and what they asked for.

    Part of the caller's transaction, so a rollback unsays it. `user`: whose personal data the row is, or their id.
    `dedupe_key`: the fact that is said once (`order_paid:<id>`); None comes back if it was said already, and the
    transaction stays usable. Values under `Notification.SECRET_KEYS` are erased from the row once it is sent. One
    query, two with a `dedupe_key`. Raises `UnknownTemplate`, and `TypeError` on a context that is not JSON.
    """
    return _queue(
        Notification(
            template=template,
            recipient=str(to),
            channel=channel,
            context=context or {},
            user_id=getattr(user, "pk", user),
            venue_id=venue_id,
            language=language,
            dedupe_key=dedupe_key,
            next_attempt_at=timezone.now(),
        )
    )


def _queue(row: Notification) -> Notification | None:
    templating.check(row.template, row.channel)
    if row.dedupe_key is None:
        append(row)
    else:
        # ON CONFLICT DO NOTHING rather than a caught IntegrityError: PostgreSQL would abort the caller's transaction.
        Notification.objects.bulk_create([row], ignore_conflicts=True)
        if not Notification.objects.filter(pk=row.pk).exists():
            return None
    # What goes to whoever bought may wait a moment for others; codes and links, which somebody waits for, go at once.
    transaction.on_commit(functools.partial(nudge, row.pk, together=row.channel == Notification.Channel.ANY))
    return row


def nudge(notification_id: UUID, *, together: bool = False) -> None:
    """Ask a worker to deliver the row now, or `together` with others in a moment; without a broker it is done here.

    Never raises: the sweep remains.
    """
    if together:
        gathered_nudges.nudge(tasks.deliver, tasks.deliver_together, str(notification_id))
    else:
        nudging.nudge(tasks.deliver, str(notification_id))
