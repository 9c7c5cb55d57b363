"""What the rows themselves tell: the trail of history, endpoints that fail, who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import Role, User
from audit import fingerprints
from audit.browsing.checks import latest
from audit.models import AuditLog
from notifications.webhooks.models import WebhookEndpoint
from trufan.doctor.findings import Finding, error, note, ok, warning

#: How many of the newest entries are held against the key.
SAMPLE = 50
#: The whole trail is to be verified every night; a night may fail.
VERIFIED_WITHIN = timedelta(hours=50)


def audit_key() -> Iterator[Finding]:
    """Whether `AUDIT_KEY` is the one that the newest entries were written with."""
    entries = list(AuditLog.objects.order_by("-created_at", "-pk")[:SAMPLE])
    foreign = [entry for entry in entries if not fingerprints.same(entry.digest, fingerprints.of_entry(entry))]
    if foreign:
        yield error(
            f"{len(foreign)} of the newest {len(entries)} audit entries don't fit AUDIT_KEY.",
            "Give this process the key of the others. If it has that, rows were altered: run manage.py verify_audit.",
        )
    else:
        yield ok(f"AUDIT_KEY fits the newest {len(entries)} audit entries.")


def audit_trail() -> Iterator[Finding]:
    """What the last reading of the whole trail found."""
    last = latest()
    if last is not None and not last.is_intact:
        yield error(
            f"The audit trail is broken: {last.finding}", "Compare with a backup, and find out who wrote to it."
        )
    elif last is None or timezone.now() - last.checked_at > VERIFIED_WITHIN:
        say = warning if settings.IS_LIVE else note
        yield say("The whole audit trail was not verified lately.", "Run manage.py verify_audit every night.")
    else:
        yield ok("The audit trail is intact.")


def webhook_endpoints() -> Iterator[Finding]:
    """Venues' own systems that we fail to reach."""
    kept = WebhookEndpoint.objects.kept()
    failing = kept.filter(is_active=True, failing_since__isnull=False).count()
    off = kept.filter(is_active=False).exclude(off_reason=WebhookEndpoint.OffReason.BY_STAFF).count()
    advice = "The console's list of webhook endpoints says which and why; tell the venue."
    if failing:
        yield warning(f"{failing} webhook endpoints of venues fail.", advice)
    if off:
        yield warning(f"{off} webhook endpoints of venues were switched off after failing.", advice)
    if not failing and not off:
        yield ok(f"{kept.count()} webhook endpoints of venues, none of which fails.")


def people() -> Iterator[Finding]:
    """Whether somebody can run this installation, and with a second factor where it is asked for."""
    owners = User.objects.filter(role=Role.SUPER_ADMIN, is_active=True)
    count = owners.count()
    if not count:
        yield error("There is no super admin.", "Run manage.py createsuperuser.")
        return
    yield ok(f"{count} super admins.")
    if not settings.SECOND_FACTOR_REQUIRED:
        yield note("No second factor is asked for.", "Live servers refuse to be without.")
    elif without := owners.filter(second_factor=None).count():
        yield warning(
            f"{without} super admins have no second factor yet.", "Each sets one up at the next visit to /admin/."
        )
    else:
        yield ok("All super admins have a second factor.")
