"""A venue's endpoints: added, changed, switched on and off, given a new secret, removed. Each writes the audit trail.

None of these looks a name up: `addresses.check` does, called before, because no transaction may wait for a name server.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from notifications.webhooks import addresses, health, kinds, signing
from notifications.webhooks.errors import BadAddress, TooManyEndpoints
from notifications.webhooks.models import LIMIT, WebhookEndpoint
from trufan.lib import sealing
from trufan.lib.errors import Invalid, Missing

OffReason = WebhookEndpoint.OffReason
_AUDITED = ("description", "event_types", "is_active")


def add(
    venue_id: UUID, *, url: str, by: Any, description: str = "", event_types: Iterable[str] = (), is_active: bool = True
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and its secret, which is not shown again.

    Raises `Invalid` by field, and `TooManyEndpoints` where the venue has 20.
    """
    secret = signing.new_secret()
    endpoint = WebhookEndpoint(
        venue_id=venue_id,
        url=_checked(url),
        description=description,
        event_types=_known(event_types),
        secret=sealing.seal(secret),
        is_active=is_active,
        off_reason="" if is_active else OffReason.BY_STAFF,
    )
    with transaction.atomic():
        _take_slot(endpoint)
        record("webhook_endpoint.added", endpoint, new=_values(endpoint), actor=by)
    return endpoint, secret


def change(endpoint: WebhookEndpoint, *, by: Any, now: datetime, **fields: Any) -> WebhookEndpoint:
    """Change `url`, `description`, `event_types` or `is_active`.

    Switched off, it is told nothing more, and what waits has failed; switched on, it begins without a past. Raises
    `Invalid` by field.
    """
    if "url" in fields:
        fields["url"] = _checked(fields["url"])
    if "event_types" in fields:
        fields["event_types"] = _known(fields["event_types"])
    with transaction.atomic():
        row = held(endpoint)
        before, url = _values(row), row.url
        switched = fields.pop("is_active", row.is_active)
        health.write(row, **fields)
        if row.url != url:
            health.write(row, **health.well())
        if switched and not row.is_active:
            health.write(row, is_active=True, off_reason="", off_at=None, **health.well())
        elif not switched and row.is_active:
            health.switch_off(row, OffReason.BY_STAFF, now)
        after = _values(row) | ({"address_changed": True} if row.url != url else {})
        if after != before:
            record("webhook_endpoint.changed", row, old=before, new=after, actor=by)
    return row


def rotate(endpoint: WebhookEndpoint, *, by: Any, now: datetime) -> tuple[WebhookEndpoint, str]:
    """A new secret, which is not shown again; the one it had signs along for a day, so that no message is refused."""
    secret = signing.new_secret()
    with transaction.atomic():
        row = held(endpoint)
        until = now + signing.BOTH_SIGN
        health.write(row, secret=sealing.seal(secret), former_secret=row.secret, former_secret_until=until)
        record("webhook_endpoint.secret_rotated", row, new={"former_signs_until": until}, actor=by)
    return row, secret


def remove(endpoint: WebhookEndpoint, *, by: Any, now: datetime) -> None:
    """Take it away; what waits for it has failed. Its place is free for another."""
    with transaction.atomic():
        row = held(endpoint)
        health.switch_off(row, OffReason.REMOVED, now, removed_at=now, slot=None, former_secret="")
        record("webhook_endpoint.removed", row, actor=by)


def held(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The endpoint as it is now, held until the transaction ends. Raises `Missing` where it was removed."""
    row = WebhookEndpoint.objects.kept().select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    if row is None:
        raise Missing(gettext("There is no such webhook endpoint."))
    return row


def _take_slot(endpoint: WebhookEndpoint) -> None:
    """Write it at the first free place of its venue. Of two who find the same one free, the second looks again."""
    for _ in range(LIMIT + 1):
        taken = set(WebhookEndpoint.objects.kept().filter(venue_id=endpoint.venue_id).values_list("slot", flat=True))
        free = next((slot for slot in range(1, LIMIT + 1) if slot not in taken), None)
        if free is None:
            break
        endpoint.slot = free
        try:
            with transaction.atomic():
                endpoint.save(force_insert=True)
        except IntegrityError:
            continue
        return
    raise TooManyEndpoints


def _checked(url: str) -> str:
    url = url.strip()
    try:
        addresses.read(url)
    except BadAddress as refusal:
        raise Invalid.field("url", str(refusal), "address_refused") from None
    return url


def _known(event_types: Iterable[str]) -> list[str]:
    wanted = sorted(set(event_types))
    unknown = [name for name in wanted if name not in kinds.names()]
    if unknown:
        raise Invalid.field("event_types", f"There is no event type {', '.join(unknown)}.", "unknown_event_type")
    return wanted


def _values(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in _AUDITED}
