"""Where the CPU time of one path goes: its queries, and samples of what runs, by what it is and by whose it is.

In process, through all middleware, on the stage's database: the shares are the server's, the sum has no socket in it.
"""

from __future__ import annotations

import io
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

from benchmarks.bench.client import Unit
from benchmarks.bench.installation import ROOT
from benchmarks.bench.stage import Script

#: Seconds of CPU time from sample to sample.
EVERY = 0.002
#: What a frame is, by its file; the first that fits of the innermost frame that has any.
WHAT = (
    ("waiting for SQL, driver", r"/psycopg|/django/db/backends/"),
    ("ORM", r"/django/db/"),
    ("Redis", r"/redis/|/throttled/|/django_redis/|/channels|/kombu/|/celery/"),
    ("logging", r"/structlog/|/logging/|trufan/lib/logs"),
    ("metrics and traces", r"/prometheus_client/|trufan/lib/(measur|tracing)|/opentelemetry/"),
    ("signing and hashes", r"/cryptography/|/jwt/|/rest_framework_simplejwt/|/hashlib|/hmac|audit/fingerprints"),
    ("serializing", r"/rest_framework/(serializers|fields|renderers|relations)|/json/"),
    ("templates", r"/django/template/"),
    ("translation", r"/django/utils/translation/|/gettext"),
    ("HTTP framework", r"/rest_framework/|/django/"),
)
_WHAT = [(name, re.compile(pattern)) for name, pattern in WHAT]
_OWN = f"{ROOT}/"
#: Ours, but around what others do: every query and every request goes through them.
_AROUND = frozenset({f"{_OWN}trufan/lib/measuring.py", f"{_OWN}trufan/lib/models.py", f"{_OWN}trufan/lib/querysets.py"})


def profile(script: Script, warm: int) -> dict[str, Any]:
    """Answer the script's requests one after the other; figures of one of them."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connection

    application: Callable[..., Any] = get_wsgi_application()
    units = script.units if script.once else script.units * (400 // len(script.units))
    for unit in units[:warm]:
        _ask(application, unit, script)
    asked: list[tuple[str, float]] = []
    with connection.execute_wrapper(_noting(asked)):
        _ask(application, units[warm], script)
    queries, asked[:] = [_short(sql) for sql, _ in asked], []
    rest = units[warm + 1 :]
    samples, begun, cpu = Counter[tuple[str, str]](), time.perf_counter(), time.process_time()
    with connection.execute_wrapper(_noting(asked)), _Sampling(samples):
        for unit in rest:
            _ask(application, unit, script)
    whole, spent = time.perf_counter() - begun, time.process_time() - cpu
    scale = spent * 1000 / len(rest) / max(1, samples.total())
    what, whose = Counter[str](), Counter[str]()
    for (kind, owner), count in samples.items():
        what[kind] += count
        whose[owner] += count
    return {
        "requests": len(rest),
        "ms": whole * 1000 / len(rest),
        "cpu_ms": spent * 1000 / len(rest),
        "sql_ms": sum(took for _, took in asked) * 1000 / len(rest),
        "queries": queries,
        "what": {name: round(count * scale, 3) for name, count in what.most_common()},
        "whose": {name: round(count * scale, 3) for name, count in whose.most_common(25)},
    }


def _ask(application: Callable[..., Any], unit: Unit, script: Script) -> None:
    """Raises `RuntimeError` when the answer is not the path's."""
    said: list[str] = []
    answer = application(_environ(unit.first), lambda status, headers: said.append(status))
    body = b"".join(answer)
    answer.close()
    if int(said[0][:3]) not in (*script.statuses, 201) or script.holds not in body:
        raise RuntimeError(f"{said[0]} {body[:300]!r}")


def _environ(request: bytes) -> dict[str, Any]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    for line in lines:
        name, _, value = line.partition(": ")
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


def _noting(asked: list[tuple[str, float]]) -> Callable[..., Any]:
    def note(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            asked.append((str(sql), time.perf_counter() - begun))

    return note


def _short(sql: str) -> str:
    """The statement without the list of its columns."""
    return re.sub(r"SELECT .*? FROM", "SELECT … FROM", re.sub(r"\(\"id\".*?\) VALUES.*", "…", sql))[:160]


class _Sampling:
    """Counts what the main thread runs, and for whom, while it lasts."""

    def __init__(self, samples: Counter[tuple[str, str]]) -> None:
        self._samples = samples

    def __enter__(self) -> None:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def __exit__(self, *problem: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, number: int, frame: FrameType | None) -> None:
        what, whose = "", ""
        while frame is not None and not (what and whose):
            kind, owner = _of(frame.f_code.co_filename)
            what, whose, frame = what or kind, whose or owner, frame.f_back
        self._samples[what or "rules", whose or "Django and DRF"] += 1


@cache
def _of(file: str) -> tuple[str, str]:
    """What code of this file is, and the file if it is ours."""
    own = file.startswith(_OWN) and "/.venv/" not in file and "/benchmarks/" not in file and file not in _AROUND
    return next((kind for kind, pattern in _WHAT if pattern.search(file)), ""), file.removeprefix(_OWN) if own else ""
