"""What every server process does before its first request or task: refuse unsafe settings, say what it runs on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from trufan.checks import TAG
from trufan.lib import shared_measures, tracing

logger = structlog.get_logger(__name__)


def prepare(process: str) -> None:
    """Refuse to go on with unsafe settings, else log what is in use. `process` says who starts: "wsgi", "worker".

    Raises ImproperlyConfigured, with every reason at once.
    """
    refuse_unsafe_settings()
    announce(process)


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured if a check of ours fails; warnings are logged and no more."""
    messages = run_checks(tags=[TAG])
    refusals = [message for message in messages if message.level >= ERROR]
    if refusals:
        raise ImproperlyConfigured("\n".join(["TruFan cannot start:", *map(str, refusals)]))
    for message in messages:
        logger.warning("questionable_setting", id=message.id, message=message.msg, hint=message.hint)


def announce(process: str) -> None:
    """One log line: which database, cache, broker, gateway and mail are in use, without their passwords."""
    logger.info(
        "starting",
        process=process,
        environment=settings.DJANGO_ENV,
        database=_database(),
        cache=without_secrets(settings.REDIS_URL) if settings.REDIS_URL else "in process",
        broker=without_secrets(settings.CELERY_BROKER_URL) if settings.CELERY_BROKER_URL else "in process",
        gateway=_gateway(),
        mail=_mail(),
        sms=_short_messages(),
        traces=without_secrets(settings.TRACES_TO) if settings.TRACES_TO else "none",
    )


def without_secrets(url: str) -> str:
    """`redis://user:secret@host:6379/0?ssl=1` as `redis://host:6379/0`."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _database() -> str:
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"sqlite {database['NAME']}"
    return f"{connection.vendor} {database['HOST'] or 'local socket'}:{database['PORT'] or 5432}/{database['NAME']}"


def _gateway() -> str:
    if settings.PAYMENT_GATEWAY != "stripe":
        return settings.PAYMENT_GATEWAY
    mode = "live" if "_live_" in settings.STRIPE_SECRET_KEY else "test mode"
    return f"stripe {without_secrets(settings.STRIPE_API_BASE)} ({mode})"


def _mail() -> str:
    if settings.EMAIL_PROVIDER:
        return str(settings.EMAIL_PROVIDER)
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    return f"smtp {settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if kind == "smtp" else kind


def _short_messages() -> str:
    if settings.TWILIO_ACCOUNT_SID:
        return f"twilio {without_secrets(settings.TWILIO_API_BASE)}"
    return "none" if settings.IS_LIVE else "log"


def prepare_worker(**kwargs: Any) -> None:
    """On Celery's worker_init. A signal swallows exceptions, so the refusal ends the process itself."""
    tracing.start("worker")
    shared_measures.clear()
    _prepare_or_exit("worker")
    from trufan import worker_metrics  # which needs the apps, and this module is imported before them

    try:
        worker_metrics.start()
    except (ImproperlyConfigured, OSError) as refusal:
        raise SystemExit(f"TruFan cannot tell its metrics: {refusal}") from refusal


def end_worker_process(pid: int | None = None, **kwargs: Any) -> None:
    """On Celery's worker_process_shutdown, in the process that ends."""
    tracing.flush()
    if pid is not None:
        shared_measures.ended(pid)


def prepare_scheduler(**kwargs: Any) -> None:
    """On Celery's beat_init."""
    _prepare_or_exit("scheduler")


def _prepare_or_exit(process: str) -> None:
    try:
        prepare(process)
    except ImproperlyConfigured as refusal:
        raise SystemExit(str(refusal)) from refusal
