"""What Prometheus scrapes: `/metrics`, in its text format.

Metrics of the whole installation (queues, holds, open payments) are measured when they are asked for, whichever process
answers: each has a collector here or in `facts`, added to `REGISTRY`. What processes count of themselves stands in
`trufan.lib.measures`; where several share `PROMETHEUS_MULTIPROC_DIR`, any of them tells for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from trufan import facts
from trufan.lib import measures, queues, shared_measures
from trufan.lib.client_ip import client_ip
from trufan.lib.errors import AuthenticationFailed, DomainError, Missing
from trufan.lib.exception_handler import refuse

REGISTRY = CollectorRegistry()
#: What a proxy adds: a request with any of them did not begin on this machine, wherever it seems to come from.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


class Queues(Collector):
    """Every queue of `trufan.lib.queues`."""

    def collect(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily(
            "trufan_queue_depth",
            f"Jobs that could be done now; {queues.CEILING} means so many or more.",
            labels=["queue"],
        )
        oldest = GaugeMetricFamily(
            "trufan_queue_oldest_seconds", "For how long the first of these jobs has waited.", labels=["queue"]
        )
        measured = GaugeMetricFamily(
            "trufan_queue_measured", "1, or 0 while the queue can't be looked at.", labels=["queue"]
        )
        for name, queue in queues.measure_all(timezone.now()).items():
            measured.add_metric([name], queue is not None)
            if queue is not None:
                depth.add_metric([name], queue.depth)
                oldest.add_metric([name], queue.oldest_seconds or 0.0)
        yield from (depth, oldest, measured)

    def describe(self) -> list[Metric]:
        """Nothing is measured only to be described."""
        return []


REGISTRY.register(Queues())
REGISTRY.register(facts.Stock())


@csrf_exempt
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics, for who shows `METRICS_TOKEN`; without a token, for callers on this machine."""
    if refusal := _refusal(request):
        return refuse(refusal)
    return HttpResponse(exposed(), content_type=CONTENT_TYPE_LATEST)


def exposed() -> bytes:
    """Everything, as text."""
    return bytes(generate_latest(REGISTRY) + generate_latest(of_processes()))


def of_processes() -> CollectorRegistry:
    """What this process counted, or all that share a directory with it."""
    measures.note_pool(connection)
    if shared_measures.directory() is None:
        return measures.REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


def shows_token(authorization: str) -> bool:
    """Whether an `Authorization` header carries `METRICS_TOKEN`."""
    kind, _, token = authorization.partition(" ")
    return kind.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def _refusal(request: HttpRequest) -> DomainError | None:
    if settings.METRICS_TOKEN:
        return None if shows_token(request.headers.get("Authorization", "")) else AuthenticationFailed()
    return None if settings.DEBUG or _is_from_here(request) else Missing()


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(client_ip(request) or "").is_loopback
    except ValueError:
        return False
