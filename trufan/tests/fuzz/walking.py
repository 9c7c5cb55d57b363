"""A walk through the API: each request uses what the answers before it told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from random import Random
from typing import Any

from django.core.cache import cache as kept
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from trufan.tests.fuzz.asking import Ids, ask, operations, remember
from trufan.tests.fuzz.watching import Watch, undone
from trufan.tests.fuzz.world import World, kind_of

#: They end sign-ins or take away what the next requests would need; the test of single requests has them.
ENDINGS = ("/auth/logout", "/auth/password", "/users/me", "/auth/sessions/")


@cache
def links() -> dict[str, list[str]]:
    """Kind of id → the operations that take one in their path."""
    found: dict[str, list[str]] = defaultdict(list)
    for label, operation in operations().items():
        if not any(ending in label for ending in ENDINGS):
            for name in re.findall(r"{(\w+)}", operation.path):
                found[kind_of(operation.path.split("{" + name + "}")[0]).rsplit("/", 1)[-1]].append(label)
    return found


@cache
def beginnings() -> list[str]:
    """The operations that make something, by which a walk gets on."""
    return [
        label
        for label in operations()
        if label.startswith("POST") and not any(ending in label for ending in ENDINGS) and "webhooks" not in label
    ]


def walk_in(world: World, watch: Watch, tell: Callable[[str], None] = note) -> type[RuleBasedStateMachine]:
    """The machine that walks in this world; whatever it does is undone at its end."""

    class Walk(RuleBasedStateMachine):
        @initialize(number=st.integers(0, 2**64))
        def begin(self, number: int) -> None:
            # Who asks for what is left to chance: Hypothesis would begin with the first of everything.
            self.chance = Random(number)
            # A super admin may write at both venues, so in a walk with one only what is told is looked at.
            self.reached_all = self.chance.random() < 0.25
            self.callers = [each for each in world.callers if self.reached_all or not each.reaches_all]
            self.busy = [each for each in self.callers if each.name in {"a fan", "manager", "a super admin"}]
            world.made.clear()
            kept.clear()
            self.left_open = ExitStack()
            self.left_open.enter_context(undone())
            watch.start()

        @rule(data=st.data())
        def make(self, data: Any) -> None:
            self.request(data, self.chance.choice(beginnings()))

        @rule(data=st.data())
        def follow(self, data: Any) -> None:
            known = sorted(kind for kind in world.made if kind in links())
            kinds = known if known and self.chance.random() < 0.6 else sorted(links())
            self.request(data, self.chance.choice(links()[self.chance.choice(kinds)]))

        def request(self, data: Any, label: str) -> None:
            # Half of them by those whose requests get somewhere.
            caller = self.chance.choice(self.chance.choice([self.callers, self.busy]))
            case = data.draw(operations()[label].as_strategy())
            Ids(world, self.chance, "made").put_into(case)
            answer = ask(case, caller)
            tell(f"{caller}: {case.method} {case.formatted_path} → {answer.status_code}")
            remember(case, answer, world)

        def teardown(self) -> None:
            if not hasattr(self, "left_open"):
                return
            with self.left_open:
                assert self.reached_all or watch.changes() == []

    return Walk
