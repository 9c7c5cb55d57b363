"""Every sweep runs, whatever another does."""

import os
import signal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from trufan import tasks
from trufan.lib import sweeps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(sweeps, "_sweeps", {})


def broken(now):
    raise RuntimeError("no good")


def test_each_sweep_is_given_the_time_and_says_how_much_it_did():
    now, seen = timezone.now(), []
    sweeps.register("first", lambda at: seen.append(at) or 3)
    sweeps.register("second", lambda at: 0)

    assert sweeps.run_all(now) == {"first": 3, "second": 0}
    assert seen == [now]


def test_a_failure_is_logged_and_stops_no_other(caplog):
    sweeps.register("broken", broken)
    sweeps.register("after", lambda now: 1)

    assert sweeps.run_all(timezone.now()) == {"broken": sweeps.FAILED, "after": 1}
    assert any("Traceback" in record.getMessage() and "broken" in record.getMessage() for record in caplog.records)


def test_one_name_stands_for_one_sweep():
    sweeps.register("broken", broken)
    sweeps.register("broken", broken)

    with pytest.raises(ValueError, match="registered already"):
        sweeps.register("broken", lambda now: 0)


def test_the_command_says_what_was_done(capsys):
    sweeps.register("holds", lambda now: 2)
    call_command("sweep")

    assert capsys.readouterr().out == "holds: 2\n"


def test_the_command_fails_when_a_sweep_did(capsys):
    sweeps.register("broken", broken)
    sweeps.register("after", lambda now: 1)

    with pytest.raises(CommandError, match="broken"):
        call_command("sweep")
    assert "after: 1" in capsys.readouterr().out


def test_the_command_repeats_until_it_is_told_to_stop(capsys):
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    runs = []

    def stop_on_third(now):
        runs.append(now)
        if len(runs) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return 0

    sweeps.register("counted", stop_on_third)
    try:
        call_command("sweep", "--every", "0.01")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert len(runs) == 3
    assert runs == sorted(set(runs))


def test_the_command_takes_no_nonsense():
    with pytest.raises(CommandError, match="above 0"):
        call_command("sweep", "--every", "0")


def test_the_task_runs_them_too():
    sweeps.register("holds", lambda now: 2)

    assert tasks.sweep() == {"holds": 2}
