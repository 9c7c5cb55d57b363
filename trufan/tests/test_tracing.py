"""With an endpoint set, a real server sends its traces there: the request, its queries, and the correlation id."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from trufan.lib import tracing
from trufan.tests.parts import until
from trufan.tests.servers import Server


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """A stand-in for a collector: its address, and the spans that it was sent."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()


def facts(span: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_request_and_its_queries_are_one_trace_with_the_correlation_id(collector):
    address, spans = collector
    server = Server(OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_BSP_SCHEDULE_DELAY="200")
    try:
        asked = {"X-Correlation-ID": "night-of-the-fans"}
        port = server.port
        assert requests.get(f"http://127.0.0.1:{port}/api/v1/events", headers=asked, timeout=30).status_code == 200
        marked = "night-of-the-fans"
        until(lambda: any(facts(span).get("trufan.correlation_id") == marked for span in list(spans)))
    finally:
        server.stop()
    (root,) = [span for span in spans if facts(span).get("trufan.correlation_id") == marked]
    queries = [span for span in spans if span.trace_id == root.trace_id and span.name.startswith("db ")]
    assert any("events_event" in facts(span)["db.statement"] for span in queries)


def test_without_an_endpoint_nothing_is_traced(settings):
    settings.TRACES_TO = ""
    tracing.start("test")
    assert not tracing.is_on()
    with tracing.span("probe"):
        pass
    assert tracing.into_log(None, "info", {"event": "x"}) == {"event": "x"}
