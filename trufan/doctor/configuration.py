"""The settings, and what was built beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks

from trufan.doctor.findings import Finding, error, ok, warning


def configuration() -> Iterator[Finding]:
    """Django's system checks and ours (`trufan/checks.py`); on a live server those for deployment too."""
    messages = checks.run_checks(include_deployment_checks=settings.IS_LIVE)
    spoken = [message for message in messages if message.level >= checks.WARNING and not message.is_silenced()]
    for message in spoken:
        say = error if message.level >= checks.ERROR else warning
        yield say(f"{message.msg} ({message.id})", message.hint or "See docs/deployment.md.")
    if not spoken:
        yield ok(f"The settings suit {settings.DJANGO_ENV}.")


def static_files() -> Iterator[Finding]:
    """Live pages name static files by a manifest; without it each of them is a 500."""
    if not settings.IS_LIVE:
        return
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield ok("The static files are collected.")
    else:
        yield error("The static files are not collected.", "Run manage.py collectstatic --noinput; restart the API.")
