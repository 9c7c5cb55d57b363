"""Traces by OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` names who takes them; else nothing of it is loaded.

Requests, tasks and calls to Redis are traced by OpenTelemetry's own instrumentations, queries and calls to providers
here. Spans carry the correlation id and, of a query, the statement without its values. Trace ids go along with tasks
and stand in the log; they are not sent to providers, whose business our traces are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings

#: Beyond this a statement says nothing more.
_STATEMENT = 2_000
_tracer: Any = None


def is_on() -> bool:
    return _tracer is not None


def is_asked_for() -> bool:
    """Whether the environment names somebody who takes traces, and does not switch them off."""
    return bool(settings.TRACES_TO) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def start(process: str) -> None:
    """Trace this process from now on, as the variables of OpenTelemetry say; called once, before the first request.

    Spans are sent from a thread of its own, in batches; a collector that is gone costs its spans and nothing else.
    """
    global _tracer
    if _tracer is not None or not is_asked_for():
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Their own variables (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) win.
    name = os.environ.get("OTEL_SERVICE_NAME") or "trufan"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name, "trufan.process": process}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    CeleryInstrumentor().instrument()
    RedisInstrumentor().instrument()
    _tracer = trace.get_tracer("trufan")


def flush() -> None:
    """Send what has not been sent, at the end of a process."""
    if _tracer is not None:
        from opentelemetry import trace

        provider: Any = trace.get_tracer_provider()
        provider.force_flush()


@contextmanager
def span(name: str, *, kind: str = "internal", **facts: str) -> Iterator[None]:
    """A step of what runs now. `kind`: `internal`, or `client` for a call to somebody else."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind

    with _tracer.start_as_current_span(name, kind=SpanKind[kind.upper()], attributes=_ours(facts)):
        yield


def query(sql: str, operation: str, vendor: str) -> Any:
    """A query, as part of what runs now; one that belongs to nothing is no trace of its own."""
    if _tracer is None or not _is_within():
        return nullcontext()
    from opentelemetry.trace import SpanKind

    facts = {"db.system": vendor, "db.operation": operation, "db.statement": str(sql)[:_STATEMENT]}
    return _tracer.start_as_current_span(f"db {operation}", kind=SpanKind.CLIENT, attributes=facts)


def mark(correlation_id: str) -> None:
    """Let what runs now be found by its correlation id."""
    if _tracer is not None:
        from opentelemetry import trace

        trace.get_current_span().set_attribute("trufan.correlation_id", correlation_id)


def into_log(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: which trace the line belongs to, where there is one."""
    if _tracer is not None:
        from opentelemetry import trace

        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = f"{context.trace_id:032x}"
            line["span_id"] = f"{context.span_id:016x}"
    return line


def _ours(facts: dict[str, str]) -> dict[str, str]:
    return {f"trufan.{name}": value for name, value in facts.items()}


def _is_within() -> bool:
    from opentelemetry import trace

    return bool(trace.get_current_span().get_span_context().is_valid)
