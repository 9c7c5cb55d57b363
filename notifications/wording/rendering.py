"""A message in a venue's own words, if it has any."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from notifications.wording import engine
from notifications.wording.models import MessageTemplate

logger = structlog.get_logger(__name__)


def own(venue_id: UUID, template: str, channel: str, context: dict[str, Any], language: str) -> dict[str, str]:
    """The files that the channel needs, in the venue's words; none: the shipped words hold. One query.

    Words that fail (an upgrade may have taken a variable away) are logged, and the shipped ones hold.
    """
    in_use = MessageTemplate.objects.filter(venue_id=venue_id, template=template, language=language, in_use=True)
    row = in_use.order_by().first()
    try:
        return said(row, channel, context) if row else {}
    except Exception:
        logger.exception("wording.failed", venue=str(venue_id), template=template, language=language)
        return {}


def said(row: MessageTemplate, channel: str, context: dict[str, Any]) -> dict[str, str]:
    """The row's words by a channel, as the files of the shipped words; nothing where it has none for it."""
    if channel == "email":
        if not row.body:
            return {}
        return {"subject.txt": _render(row.subject, context), "body.txt": _render(row.body, context)}
    source = {"sms": row.sms, "push": row.push}[channel]
    return {f"{channel}.txt": _render(source, context)} if source else {}


def _render(source: str, context: dict[str, Any]) -> str:
    return engine.rendered(engine.parsed(source), context)
