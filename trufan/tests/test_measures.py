"""What Prometheus is told: with labels that stay few, counted after the commit, and everything that deploy/ names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from prometheus_client.parser import text_string_to_metric_families

from trufan import metrics, worker_metrics
from trufan.lib import measures, providers, shared_measures
from trufan.lib.measuring import operation_of
from trufan.tests.parts import free_port

DEPLOY = Path(settings.BASE_DIR) / "deploy"


def value(name: str, **labels: str) -> float:
    return measures.REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_request_is_counted_by_its_route_and_never_by_an_id(client, event):
    route = "api/v1/events/<uuid:pk>"
    labels = {"method": "GET", "route": route, "status": "200"}
    before = value("trufan_http_requests_total", **labels), value("trufan_http_queries_total", route=route)
    assert client.get(f"/api/v1/events/{event.pk}").status_code == 200
    assert value("trufan_http_requests_total", **labels) == before[0] + 1
    assert value("trufan_http_queries_total", route=route) > before[1]
    told = client.get("/metrics").content.decode()
    assert str(event.pk) not in told


@pytest.mark.django_db
def test_addresses_and_methods_that_do_not_exist_share_a_label(client):
    for n in range(3):
        client.get(f"/nothing-{n}.php")
    client.generic("BREW", "/nothing.php")
    told = client.get("/metrics").content.decode()
    assert "nothing" not in told and "BREW" not in told
    assert value("trufan_http_requests_total", method="other", route="unmatched", status="404") >= 1


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_counted():
    before = value("trufan_refunds_total", state="probe")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        measures.add(measures.REFUNDS, "probe")
        raise ZeroDivisionError
    assert value("trufan_refunds_total", state="probe") == before
    with transaction.atomic():
        measures.add(measures.REFUNDS, "probe")
        assert value("trufan_refunds_total", state="probe") == before
    assert value("trufan_refunds_total", state="probe") == before + 1


def test_a_provider_that_refuses_is_none_that_fails():
    with pytest.raises(ValueError), providers.calling("probe", "x", refusal=lambda p: isinstance(p, ValueError)):
        raise ValueError
    with pytest.raises(OSError), providers.calling("probe", "x"):
        raise OSError
    with providers.calling("probe", "x") as call:
        call.answered(503)
    with providers.calling("probe", "x"):
        pass
    ended = {
        each: value("trufan_provider_seconds_count", provider="probe", outcome=each)
        for each in ("ok", "refused", "failed")
    }
    assert ended == {"ok": 1, "refused": 1, "failed": 2}
    assert value("trufan_provider_failures_total", provider="probe", kind="http_5xx") == 1


@pytest.mark.parametrize(
    ("sql", "operation"),
    [
        ("SELECT 1", "select"),
        ("(SELECT 1)", "select"),
        ("update x", "update"),
        ("SAVEPOINT a", "other"),
        (b"x", "other"),
    ],
)
def test_queries_are_told_apart_by_five_words(sql, operation):
    assert operation_of(sql) == operation


@pytest.mark.django_db
def test_a_query_that_fails_is_counted():
    before = value("trufan_db_failures_total", kind="OperationalError") + value(
        "trufan_db_failures_total", kind="ProgrammingError"
    )
    with pytest.raises(Exception, match="nowhere"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    after = value("trufan_db_failures_total", kind="OperationalError") + value(
        "trufan_db_failures_total", kind="ProgrammingError"
    )
    assert after == before + 1


def test_the_console_says_503_when_the_database_does_not_answer(client, db, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("no connection")

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.cached_db.SessionStore.load", gone)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    answer = client.get("/admin/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert int(answer["Retry-After"]) >= 1


def _named(text: str) -> set[str]:
    return set(re.findall(r"\btrufan_[a-z_]+\b", text))


@pytest.mark.django_db
def test_every_metric_that_dashboard_alerts_and_docs_name_exists():
    families = text_string_to_metric_families(metrics.exposed().decode())
    known = {kind for family in families for kind in (family.name, f"{family.name}_total")}
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")}
    dashboard = (DEPLOY / "grafana" / "trufan.json").read_text()
    panels = json.loads(dashboard)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    alerts = (DEPLOY / "prometheus" / "alerts.yml").read_text()
    docs = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()
    for text in (dashboard, alerts, docs):
        assert _named(text)
        assert not _named(text) - known
    for alert in re.findall(r"alert: (\w+)", alerts):
        assert f"`{alert}`" in docs


def test_what_an_ended_process_counted_is_kept_in_one_file(tmp_path, monkeypatch):
    from prometheus_client.mmap_dict import MmapedDict, mmap_key

    monkeypatch.setenv(shared_measures.VARIABLE, str(tmp_path))
    key = mmap_key("probe", "probe_total", [], [], "help")
    for pid, count in ((11, 2.0), (12, 3.0)):
        kept = MmapedDict(str(tmp_path / f"counter_{pid}.db"))
        kept.write_value(key, count, 0.0)
        kept.close()
    shared_measures.ended(11)
    shared_measures.ended(12)
    assert [path.name for path in tmp_path.iterdir()] == ["counter_ended.db"]
    values = MmapedDict.read_all_values_from_file(str(tmp_path / "counter_ended.db"))
    assert [(name, number) for name, number, *_ in values] == [(key, 5.0)]
    assert "probe_total 5.0" in metrics.generate_latest(metrics.of_processes()).decode()


def test_a_worker_tells_its_own_to_who_shows_the_token(tmp_path, monkeypatch, settings):
    monkeypatch.setenv(shared_measures.VARIABLE, str(tmp_path))
    settings.METRICS_DIRECTORY, settings.METRICS_TOKEN = str(tmp_path), "scrape-Zk2vWx9Lr4Tn8Bm3"
    settings.WORKER_METRICS_PORT = free_port()
    server = worker_metrics.start()
    address = f"http://127.0.0.1:{settings.WORKER_METRICS_PORT}"
    try:
        assert requests.get(f"{address}/metrics", timeout=10).status_code == 401
        shown = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
        assert requests.get(f"{address}/metrics", headers=shown, timeout=10).status_code == 200
        assert requests.get(f"{address}/other", headers=shown, timeout=10).status_code == 404
    finally:
        server.shutdown()
        server.server_close()
    settings.METRICS_DIRECTORY = ""
    with pytest.raises(ImproperlyConfigured, match="PROMETHEUS_MULTIPROC_DIR"):
        worker_metrics.start()
