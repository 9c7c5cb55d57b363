"""What this process counts of its own work, for Prometheus (docs/operations.md has the table).

Labels take few values, all of them known: the template of a route, never an address with ids in it. What a transaction
brings about is counted once it is committed (`after_commit`). With `PROMETHEUS_MULTIPROC_DIR` set, the processes of a
server count into files there, and any of them tells for all. Queues and other facts of the whole installation are
measured when asked for instead (`queues`, `facts`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.db import transaction
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from trufan.lib import shared_measures

shared_measures.prepare()
REGISTRY = CollectorRegistry()
_QUICK = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


def _counter(name: str, words: str, *labels: str) -> Counter:
    return Counter(name, words, labels, registry=REGISTRY)


def _histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(name, words, labels, registry=REGISTRY, buckets=buckets)


def _gauge(name: str, words: str, *labels: str, over: Any = "livesum") -> Gauge:
    """`over`: how the values of several processes become one."""
    return Gauge(name, words, labels, registry=REGISTRY, multiprocess_mode=over)


REQUESTS = _counter("trufan_http_requests_total", "Requests answered.", "method", "route", "status")
REQUEST_SECONDS = _histogram("trufan_http_request_seconds", "From a request to its answer.", _QUICK, "method", "route")
REQUESTS_RUNNING = _gauge("trufan_http_requests_running", "Requests that are being answered.")
REQUEST_QUERIES = _counter("trufan_http_queries_total", "Queries that requests made.", "route")
QUERY_SECONDS = _histogram("trufan_db_query_seconds", "A query, from asking to its answer.", _QUICK, "operation")
QUERY_FAILURES = _counter("trufan_db_failures_total", "Queries and connections that failed.", "kind")
POOL = _gauge("trufan_db_pool_connections", "Connections of the pools.", "state")
POOL_WAITING = _gauge("trufan_db_pool_waiting", "Threads that wait for a connection.")
REPLICA_FALLBACKS = _counter("trufan_replica_fallbacks_total", "Reads sent to the primary instead.", "why")
DATABASE_GONE = _gauge("trufan_db_gone", "Processes that refuse requests, as no database answers.")
REDIS_FAILURES = _counter("trufan_redis_failures_total", "How often Redis did not answer.", "part")
TASK_SECONDS = _histogram("trufan_task_seconds", "A task of a worker.", _SLOW, "task", "state")
SWEEP_FAILURES = _counter("trufan_sweep_failures_total", "Sweeps that raised.", "sweep")
SWEEP_FINISHED = _gauge("trufan_sweep_finished_seconds", "When sweeps last ran, in seconds since 1970.", over="max")
PROVIDER_SECONDS = _histogram("trufan_provider_seconds", "A call to a provider.", _SLOW, "provider", "outcome")
PROVIDER_FAILURES = _counter("trufan_provider_failures_total", "Calls without a good answer.", "provider", "kind")
ORDERS = _counter("trufan_orders_total", "Orders that came to a state.", "state")
SALES = _counter("trufan_sales_total", "Orders that were settled.", "channel")
SALES_AMOUNT = _counter("trufan_sales_amount_total", "What they cost, in minor units.", "currency")
SOLD = _counter("trufan_sold_items_total", "Pieces sold.", "kind")
SCANS = _counter("trufan_scans_total", "Scans at doors.", "result", "reason")
PAYMENTS = _counter("trufan_payments_total", "Payments that came to a state.", "provider", "state")
REFUNDS = _counter("trufan_refunds_total", "Refunds that came to a state.", "state")


def after_commit(count: Callable[..., None], *args: Any) -> None:
    """Count once the caller's transaction is committed; not at all if it is rolled back."""
    transaction.on_commit(partial(count, *args))


def add(counter: Counter, *labels: str, amount: float = 1) -> None:
    """`amount` more of what has these labels, after the commit."""
    after_commit(counter.labels(*labels).inc, amount)


def running() -> AbstractContextManager[Any]:
    """Around a request that is being answered."""
    return REQUESTS_RUNNING.track_inprogress()


def note_pool(connection: Any) -> None:
    """How this process's pool of connections stands; nothing where there is none."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    idle = stats.get("pool_available", 0)
    POOL.labels("idle").set(idle)
    POOL.labels("used").set(max(stats.get("pool_size", 0) - idle, 0))
    POOL_WAITING.set(stats.get("requests_waiting", 0))
