"""One id through answer, log and task."""

import time

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from trufan.celery import app
from trufan.lib import correlation

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls")]


def ask(client, **headers):
    return client.get("/api/v1/nothing", {"email": "fay@example.com"}, headers=headers)


def test_a_sane_id_is_taken_over(client):
    assert ask(client, **{"X-Correlation-ID": "order-17.retry_2"})["X-Correlation-ID"] == "order-17.retry_2"


@pytest.mark.parametrize("value", ["", "a b", "x" * 65, "<script>", 'a"b', "-starts", "a\tb", "ünï", "a,b", "a/b"])
def test_any_other_is_replaced(client, value):
    given = ask(client, **{"X-Correlation-ID": value})["X-Correlation-ID"]

    assert given != value
    assert correlation.sane(given)


def test_each_request_has_its_own(client):
    assert ask(client)["X-Correlation-ID"] != ask(client)["X-Correlation-ID"]


def test_the_access_line_has_the_id_and_no_personal_data(client, caplog):
    with caplog.at_level("INFO"):
        ask(client, **{"X-Correlation-ID": "known-id", "Authorization": "Bearer secret-token"})

    lines = [record.getMessage() for record in caplog.records if record.name == "trufan.access"]
    assert len(lines) == 1
    assert "known-id" in lines[0] and "/api/v1/nothing" in lines[0]
    assert not [word for word in ("fay@example.com", "secret-token", "127.0.0.1") if word in lines[0]]


def test_a_line_break_in_the_path_makes_no_second_log_line(client, caplog):
    with caplog.at_level("INFO"):
        client.get("/api/v1/x%0aforged%0dentry")

    lines = [record.getMessage() for record in caplog.records if record.name == "trufan.access"]
    assert len(lines) == 1
    assert "\n" not in lines[0] and "\r" not in lines[0]


@pytest.fixture
def our_app_again():
    """A worker makes its application the process's; whatever is tested next asks for tasks of ours."""
    yield
    app.set_current()
    app.set_default()


@pytest.mark.usefixtures("our_app_again")
def test_a_task_in_a_worker_carries_the_id_of_who_asked():
    seen = []
    worked = Celery("probe", broker="memory://", set_as_current=False)

    @worked.task(name="trufan.tests.note_id")
    def note_id():
        seen.append(correlation.current().correlation_id)

    with start_worker(worked, perform_ping_check=False, pool="solo", shutdown_timeout=5):
        correlation.begin("asked-by-fay")
        note_id.delay()
        correlation.begin("somebody-else")
        for _ in range(50):
            if seen:
                break
            time.sleep(0.1)

    assert seen == ["asked-by-fay"]


def test_a_task_in_process_stays_in_its_request():
    seen = []

    @app.task(name="trufan.tests.note_here")
    def note_here():
        seen.append(correlation.current().correlation_id)

    correlation.begin("asked-by-fay")
    note_here.apply()

    assert seen == ["asked-by-fay"]
    assert correlation.current().correlation_id == "asked-by-fay"
    app.tasks.pop("trufan.tests.note_here")


@pytest.mark.urls("trufan.urls")
def test_who_is_signed_in_to_the_console_is_its_actor_but_not_the_apis(client, ada):
    client.force_login(ada)

    client.get("/admin/login/")
    assert correlation.current().actor == ada
    client.get("/api/v1/nothing")
    assert correlation.current().actor is None
