"""How an endpoint stands: failing since when, and switched off once it has failed for days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from audit.trail import record
from notifications.outbox import notify
from notifications.webhooks import managers
from notifications.webhooks.models import WebhookEndpoint, WebhookMessage
from trufan.lib.console.columns import change_url
from trufan.lib.words import lazy as _

#: Failing without one success for so long, and at least so often, an endpoint is switched off.
OFF_AFTER = timedelta(days=5)
OFF_FAILURES = 10
#: The managers are warned after so long, and at least so many failures.
WARN_AFTER = timedelta(days=1)
WARN_FAILURES = 5
#: Nothing was tried for so long: a failure then says nothing about the days before it.
SILENCE = timedelta(hours=48)
#: How exactly the last success is kept, so that a busy endpoint is not written with each message.
_NOTED_EVERY = timedelta(minutes=1)

OffReason = WebhookEndpoint.OffReason
_WORDS = {
    OffReason.BY_STAFF: _("The endpoint is switched off."),
    OffReason.FAILING: _("The endpoint was switched off because it failed for days."),
    OffReason.GONE: _("The endpoint was switched off because it answered 410 Gone."),
    OffReason.REMOVED: _("The endpoint was removed."),
}


def why_off(endpoint: WebhookEndpoint) -> str:
    """Why nothing is sent there, in a sentence."""
    return _WORDS.get(OffReason(endpoint.off_reason or OffReason.BY_STAFF), _WORDS[OffReason.BY_STAFF])


def note(endpoint: WebhookEndpoint, at: datetime, *, error: str, is_gone: bool = False) -> None:
    """An attempt ended; without an `error` it went well. The caller holds the endpoint."""
    if not error:
        _note_success(endpoint, at)
    elif endpoint.is_active:
        _note_failure(endpoint, at, error, is_gone)


def switch_off(endpoint: WebhookEndpoint, reason: str, at: datetime, **changes: Any) -> None:
    """Send nothing there any more; what waits has failed for that reason. The caller holds the endpoint.

    What is being posted at this moment ends by itself.
    """
    write(endpoint, is_active=False, off_reason=reason, off_at=at, **changes)
    waiting = WebhookMessage.objects.filter(endpoint=endpoint, status=WebhookMessage.Status.PENDING)
    waiting.update(status=WebhookMessage.Status.FAILED, error=why_off(endpoint), handed_at=None)


def write(endpoint: WebhookEndpoint, **changes: Any) -> None:
    """Change the row and the object."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)
    for name, value in changes.items():
        setattr(endpoint, name, value)


def well() -> dict[str, Any]:
    """The changes that forget all failures."""
    return {"failing_since": None, "failures": 0, "warned_at": None}


def _note_success(endpoint: WebhookEndpoint, at: datetime) -> None:
    noted = endpoint.last_success_at
    if endpoint.failing_since or noted is None or at - noted >= _NOTED_EVERY:
        write(endpoint, last_success_at=at, **well())


def _note_failure(endpoint: WebhookEndpoint, at: datetime, error: str, is_gone: bool) -> None:
    changes: dict[str, Any] = {"last_failure_at": at, "failures": endpoint.failures + 1}
    last = endpoint.last_failure_at
    if endpoint.failing_since is None or last is None or at - last > SILENCE:
        changes |= {**well(), "failing_since": at, "failures": 1}
    write(endpoint, **changes)
    failing_for = at - (endpoint.failing_since or at)
    if is_gone:
        _off_by_itself(endpoint, OffReason.GONE, at, error)
    elif failing_for >= OFF_AFTER and endpoint.failures >= OFF_FAILURES:
        _off_by_itself(endpoint, OffReason.FAILING, at, error)
    elif failing_for >= WARN_AFTER and endpoint.failures >= WARN_FAILURES and endpoint.warned_at is None:
        write(endpoint, warned_at=at)
        _tell(endpoint, error)


def _off_by_itself(endpoint: WebhookEndpoint, reason: str, at: datetime, error: str) -> None:
    switch_off(endpoint, reason, at)
    record("webhook_endpoint.switched_off", endpoint, new={"reason": reason, "error": error}, actor=None)
    _tell(endpoint, error)


def _tell(endpoint: WebhookEndpoint, error: str) -> None:
    """Queue a mail to everyone who manages the venue."""
    found = managers.of(endpoint.venue_id)
    for person in found.people:
        notify(
            "webhook_failing",
            user=person,
            email=person.email,
            venue_id=endpoint.venue_id,
            context={
                "venue": found.venue,
                "url": endpoint.url,
                "console_url": f"{settings.PUBLIC_URL}{change_url(endpoint)}",
                "error": error,
                "is_off": not endpoint.is_active,
                "is_gone": endpoint.off_reason == OffReason.GONE,
            },
        )
