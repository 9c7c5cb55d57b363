"""A pytest session that asks its tests once as the code is, and then, in a forked child for each mutant, again.

Everything is imported and the database made only once: a child begins where its parent stands, exchanges the code of
one function and asks the tests that entered it, the quickest first, until one fails. On SQLite in memory each child
has the database to itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import hypothesis
import pytest

from benchmarks.mutation import mutants
from trufan.lib.compiled import AllByKeys, UpdateByKeys

#: A mutant may take so many times what its tests took before, and this many seconds more.
PATIENCE, GRACE = 6, 30
_OURS = frozenset(
    {"accounts", "audit", "events", "notifications", "orders", "parking", "payments", "reports", "ticketing", "trufan",
     "venues"}
)  # fmt: skip


@dataclass
class Result:
    """What became of the mutants of one target."""

    target: str
    fates: Counter[str] = field(default_factory=Counter)
    survivors: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def made(self) -> int:
        return sum(self.fates.values()) - self.fates["not applicable"]

    def written(self) -> str:
        return json.dumps({"target": self.target, "fates": self.fates, "survivors": self.survivors})

    @classmethod
    def read(cls, text: str) -> Result:
        said = json.loads(text)
        return cls(said["target"], Counter(said["fates"]), [tuple(each) for each in said["survivors"]])


class Session:
    """The plugin: `target` is the file to change, or the label of a model whose `MOVES` are changed."""

    def __init__(self, target: str, tell: Callable[[str], None]) -> None:
        self.target, self.tell = target, tell
        self.watched: dict[int, str] = {}
        self.kept: list[Any] = []
        self.entered: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.result: Result | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Iterator[None]:
        # A failure found by generated examples is a failure; the smallest one is of no interest.
        hypothesis.settings.register_profile(
            "mutation", hypothesis.settings.get_profile("suite"), database=None, max_examples=25,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )  # fmt: skip
        hypothesis.settings.load_profile("mutation")
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        self._watch()
        for number, item in enumerate(items):
            # The last is followed by the first, so that what the session has set up stays.
            self._ask_watching(item, items[(number + 1) % len(items)])
        if self.failed:
            self.tell(f"left out, they fail by themselves: {sorted(self.failed)}")
        sound = self._sound(sorted(items, key=lambda item: self.seconds[item.nodeid]))
        self.tell(f"{len(sound)} tests as the code is: {sum(self.seconds.values()):.0f} s")
        self.result = self._mutate(self.target, sound)
        return True

    def _sound(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """The tests that pass, in a child and without a change, once more."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _hush()
            self._ask(items, to_the_end=True)
            os.write(writing, "\n".join(self.failed).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            twice = {line for line in answer.read().split("\n") if line}
        os.waitpid(child, 0)
        if twice - self.failed:
            self.tell(f"left out, they fail when asked twice: {sorted(twice - self.failed)}")
        return [item for item in items if item.nodeid not in self.failed | twice]

    def _watch(self) -> None:
        if self.target.endswith(".py"):
            for function in _functions_in(Path(self.target)):
                self.watched[id(function.__code__)] = f"{self.target} {function.__qualname__}"
                self.kept.append(function.__code__)

    def _ask_watching(self, item: pytest.Item, following: pytest.Item) -> None:
        entered = self.entered

        def note(frame: FrameType, event: str, argument: Any) -> None:
            if event == "call":
                name = self.watched.get(id(frame.f_code))
                if name is not None:
                    entered[name].add(item.nodeid)
                elif frame.f_code.co_name == "can_move":
                    entered[type(frame.f_locals["self"])._meta.label].add(item.nodeid)

        # What an earlier test had made for good, this one makes itself, so that it is seen to enter what makes it.
        _forget()
        began = time.monotonic()
        sys.setprofile(note)
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            sys.setprofile(None)
        self.seconds[item.nodeid] = time.monotonic() - began

    def _mutate(self, target: str, items: list[pytest.Item]) -> Result:
        result = Result(target)
        began = time.monotonic()
        for function, line, what, change in _mutants(target):
            name = f"{target} {function}" if target.endswith(".py") else target
            asked = [item for item in items if item.nodeid in self.entered[name]]
            fate = self._fate(asked, change) if asked else "not reached"
            result.fates[fate] += 1
            if fate in {"survived", "not reached"}:
                result.survivors.append((target, function, what))
                self.tell(f"{fate}: {target}:{line} {function}: {what} ({len(asked)} tests)")
        self.tell(f"{target}: {dict(result.fates)} in {time.monotonic() - began:.0f} s")
        return result

    def _fate(self, items: list[pytest.Item], change: Callable[[], bool]) -> str:
        child = os.fork()
        if not child:
            os._exit(self._child(items, change))
        until = time.monotonic() + GRACE + PATIENCE * sum(self.seconds[item.nodeid] for item in items)
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                return {0: "survived", 3: "not applicable"}.get(code, "killed")
            time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "timed out"

    def _child(self, items: list[pytest.Item], change: Callable[[], bool]) -> int:
        _hush()
        if not change():
            return 3
        _forget()
        self._ask(items)
        return 1 if self.failed else 0

    def _ask(self, items: list[pytest.Item], *, to_the_end: bool = False) -> None:
        self.failed.clear()
        # What is set up still is of the last test that was asked; the next may be of another package.
        items[0].session._setupstate.teardown_exact(items[0])
        for number, item in enumerate(items):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[(number + 1) % len(items)])
            if self.failed and not to_the_end:
                return


def _hush() -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)


def _forget() -> None:
    """What the code as it was has made once and for all: answers that functions keep, statements put together."""
    for each in gc.get_objects():
        if isinstance(each, AllByKeys | UpdateByKeys):
            each._compiled.clear()
        elif isinstance(each, _lru_cache_wrapper) and each.__module__.partition(".")[0] in _OURS:
            each.cache_clear()


def _functions_in(path: Path) -> list[FunctionType]:
    """The live functions of this file."""
    named = mutants.functions_of(path)
    file = str(path.resolve())
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType) and each.__code__.co_filename == file and each.__qualname__ in named
    ]


def _mutants(target: str) -> Iterator[tuple[str, int, str, Callable[[], bool]]]:
    """Function, line, what is changed, and a call that changes it here and says whether that could be done."""
    if not target.endswith(".py"):
        yield from _moves_of(target)
        return
    for each in mutants.mutants_of(Path(target)):
        yield each.function, each.line, each.what, _exchange(target, each.function, each.code)


def _exchange(target: str, name: str, code: CodeType) -> Callable[[], bool]:
    def change() -> bool:
        found = [each for each in _functions_in(Path(target)) if each.__qualname__ == name]
        for function in found:
            if function.__code__.co_freevars != code.co_freevars:
                return False
            function.__code__ = code
        return bool(found)

    return change


def _moves_of(label: str) -> Iterator[tuple[str, int, str, Callable[[], bool]]]:
    from django.apps import apps

    model: Any = apps.get_model(label)
    states = [str(value) for value in model.Status.values]
    for before in states:
        allowed = frozenset(str(each) for each in model.MOVES.get(before, ()))
        for after in states:
            if after != before:
                moves = {**model.MOVES, before: allowed ^ {after}}
                what = f"{before} → {after} {'forbidden' if after in allowed else 'allowed'}"
                yield "MOVES", 0, what, lambda moves=moves: bool(setattr(model, "MOVES", moves) or True)
