"""What the last reading of the whole trail found, kept for who looks at the trail."""

from __future__ import annotations

from datetime import datetime

from audit.models import AuditCheck
from audit.verifying import Broken, Link, Verdict, verify


def verify_and_keep(now: datetime, witness: Link | None = None) -> Verdict:
    """Check the trail and write down how it stood. Raises `Broken`, which is written down too."""
    try:
        verdict = verify(witness)
    except Broken as broken:
        AuditCheck.objects.create(checked_at=now, is_intact=False, finding=str(broken)[:300])
        raise
    AuditCheck.objects.create(checked_at=now, is_intact=True, sealed=verdict.head.sequence, unsealed=verdict.unsealed)
    return verdict


def latest() -> AuditCheck | None:
    return AuditCheck.objects.order_by("-checked_at").first()
