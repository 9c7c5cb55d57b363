"""A walk through the API: each request uses what the answers before it told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.cache import cache as kept
from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from trufan.tests.fuzz.asking import Ids, ask, operations, remember
from trufan.tests.fuzz.watching import Watch
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
        @initialize(with_all=st.sampled_from([False, False, False, True]))
        def begin(self, with_all: bool) -> None:
            # A super admin may write at both venues, so in a walk with one only what is told is looked at.
            self.reached_all = with_all
            self.callers = [each for each in world.callers if with_all or not each.reaches_all]
            world.made.clear()
            kept.clear()
            self.undone = transaction.atomic()
            self.undone.__enter__()
            watch.start()

        @rule(data=st.data())
        def make(self, data: Any) -> None:
            self.request(data, data.draw(st.sampled_from(beginnings())))

        @rule(data=st.data())
        def follow(self, data: Any) -> None:
            known = sorted(kind for kind in world.made if kind in links())
            kind = data.draw(st.sampled_from(known or sorted(links())))
            self.request(data, data.draw(st.sampled_from(links()[kind])))

        def request(self, data: Any, label: str) -> None:
            caller = data.draw(st.sampled_from(self.callers))
            case = data.draw(operations()[label].as_strategy())
            Ids(world, data.draw, "made").put_into(case)
            answer = ask(case, caller)
            tell(f"{caller}: {case.method} {case.formatted_path} → {answer.status_code}")
            remember(case, answer, world)

        def teardown(self) -> None:
            if not hasattr(self, "undone"):
                return
            try:
                assert self.reached_all or watch.changes() == []
            finally:
                transaction.set_rollback(True)
                self.undone.__exit__(None, None, None)

    return Walk
