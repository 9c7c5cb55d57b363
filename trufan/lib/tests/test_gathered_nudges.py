"""What a serving process tells workers goes together, under the id of each request, and none of it is forgotten."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from trufan.lib import correlation, gathered_nudges, tracing


class Task(SimpleNamespace):
    """Takes down what a worker would be told."""

    def __init__(self, name: str, told: list[Any], *, fails: bool = False) -> None:
        super().__init__(name=name, told=told, fails=fails)

    def __hash__(self) -> int:
        return hash(self.name)

    def apply_async(self, args: Any, retry: bool) -> None:
        self.told.append((self.name, *args))
        if self.fails:
            raise RuntimeError("no answer")


@pytest.fixture
def broker(settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False


@pytest.fixture
def serving(broker, monkeypatch):
    monkeypatch.setattr(gathered_nudges, "SECONDS", 0.05)
    gathered_nudges.begin()
    yield
    gathered_nudges.end()


def told_under(correlation_id: str, *things: str, one: Task, many: Task) -> None:
    correlation.begin(correlation_id)
    for thing in things:
        gathered_nudges.nudge(one, many, thing)


def test_things_near_in_time_go_together_each_under_its_own_id(serving):
    told: list[Any] = []
    one, many, other = Task("one", told), Task("many", told), Task("other", told)
    told_under("first", "a", "b", one=one, many=many)
    told_under("second", "c", one=one, many=many)
    told_under("second", "x", one=one, many=other)
    gathered_nudges.end()
    assert told == [("many", [["a", "first"], ["b", "first"], ["c", "second"]]), ("other", [["x", "second"]])]


def test_who_does_not_serve_tells_each_at_once():
    told: list[Any] = []
    told_under("first", "a", "b", one=Task("one", told), many=Task("many", told))
    assert told == [("one", "a"), ("one", "b")]


def test_where_traces_are_on_each_goes_with_its_own(broker, monkeypatch):
    monkeypatch.setattr(tracing, "is_on", lambda: True)
    told: list[Any] = []
    gathered_nudges.begin()
    told_under("first", "a", one=Task("one", told), many=Task("many", told))
    assert told == [("one", "a")]


def test_without_a_broker_each_runs_in_the_request_that_asks():
    told: list[Any] = []
    gathered_nudges.begin()
    told_under("first", "a", one=Task("one", told), many=Task("many", told))
    assert told == [("one", "a")]


def test_no_task_is_told_of_more_than_it_can_do(serving):
    told: list[Any] = []
    things = [str(at) for at in range(gathered_nudges.MOST * 2 + 1)]
    told_under("first", *things, one=Task("one", told), many=Task("many", told))
    gathered_nudges.end()
    assert [len(together) for _, together in told] == [gathered_nudges.MOST, gathered_nudges.MOST, 1]
    assert [thing for _, together in told for thing, _ in together] == things


def test_a_broker_that_fails_once_is_told_again_of_what_comes_next(serving):
    told: list[Any] = []
    broken, sound = Task("broken", told, fails=True), Task("sound", told)
    told_under("first", "a", one=broken, many=broken)
    told_under("first", "b", one=sound, many=sound)
    gathered_nudges.end()
    assert [name for name, _ in told] == ["broken", "sound"]


def test_after_the_end_each_goes_by_itself(serving):
    told: list[Any] = []
    gathered_nudges.end()
    told_under("first", "a", one=Task("one", told), many=Task("many", told))
    assert told == [("one", "a")]
