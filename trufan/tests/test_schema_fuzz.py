"""Generated requests against every operation of the schema, as everyone who might send them.

Nothing breaks, nothing undocumented is answered, and nothing of another venue is told or changed.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from orders.models import Order
from trufan.testing import TaxRateFactory
from trufan.tests.fuzz.asking import Ids, ask, operations
from trufan.tests.fuzz.walking import walk_in
from trufan.tests.fuzz.watching import Watch, undone
from trufan.tests.fuzz.world import SECRET, World, build
from venues.models import Venue

pytestmark = pytest.mark.django_db
POSTGRESQL = "postgresql" in settings.DATABASES["default"]["ENGINE"]
#: The database of production meets them all; on the laptop's a few show that the answers are the same.
EXAMPLES, WALKS, STEPS = (int(os.environ.get("FUZZ_EXAMPLES", "1")), 10, 30) if POSTGRESQL else (1, 2, 15)
RULES = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],
)


@pytest.fixture(scope="module")
def setting(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, Watch]]:
    """The two venues, once for the module: no test leaves a trace.

    Requests share the connection: what ends a real request would close it under the transaction. Nobody is slowed down.
    """
    patch = pytest.MonkeyPatch()
    for name in ("RATE_LIMIT_PER_MINUTE", "DOOR_LIMIT_PER_MINUTE", "DEVICE_LIMIT_PER_MINUTE"):
        patch.setattr(settings, name, 0)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), undone():
        world = build()
        yield world, Watch({model: {row.pk} for model, row in world.other.items()})
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    patch.undo()


@pytest.mark.parametrize("label", list(operations()))
def test_every_operation_answers_everyone_as_documented_and_crosses_nothing(label, setting):
    world, watch = setting
    chance = Random(label)

    @RULES
    @given(operations()[label].as_strategy())
    def each(case):
        cache.clear()
        generated = deepcopy((case.path_parameters, case.query, case.body))
        with undone():
            watch.start()
            answers = {}
            if Ids(world, chance, "other").put_into(case):
                answers = {str(caller): ask(case, caller).status_code for caller in world.reaching(chance)}
            case.path_parameters, case.query, case.body = deepcopy(generated)
            Ids(world, chance, "own").put_into(case)
            for caller in world.callers:
                if caller.reaches_all:
                    assert watch.changes() == [], answers
                answers[f"{caller} here"] = ask(case, caller).status_code
            case.path_parameters, case.query, case.body = deepcopy(generated)
            # Who may do everything everywhere meets what is not there.
            if Ids(world, chance, "nobody").put_into(case):
                ask(case, world.callers[-1])

    each()


def test_walks_from_answer_to_answer_break_nothing_and_cross_nothing(setting):
    run_state_machine_as_test(
        walk_in(*setting), settings=hypothesis_settings(RULES, max_examples=WALKS, stateful_step_count=STEPS)
    )


def test_what_is_looked_for_would_be_found(setting):
    world, watch = setting
    order, venue = world.other[Order], world.other[Venue]
    with undone():
        watch.start()
        assert watch.changes() == []
        Order.objects.filter(pk=order.pk).update(contact_name="Somebody else")
        TaxRateFactory(venue=venue)
        changed, added = sorted(watch.changes())
    assert changed.startswith(f"Order: {order.pk}") and added.startswith("TaxRate +")
    case = operations()["GET /api/v1/orders/{id}"].Case(path_parameters={"id": str(order.pk)})
    stranger, everyone = world.callers[3], world.callers[-1]
    assert ask(case, stranger).status_code == 404
    told_to_all = replace(everyone, reaches_all=False)
    with pytest.raises(AssertionError, match=f"was told .*{SECRET}"):
        ask(case, told_to_all)


@pytest.mark.fuzz
def test_as_many_walks_as_there_is_time_for(setting, capsys):
    """`make fuzz MINUTES=10 SEED=7`: other walks for each seed, and the seed of the walks that failed is printed."""
    ends = time.monotonic() + 60 * float(os.environ.get("FUZZ_MINUTES", "10"))
    number = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(1_000_000))
    rules = hypothesis_settings(
        RULES, max_examples=10, stateful_step_count=40, derandomize=False, phases=[Phase.generate, Phase.shrink]
    )
    while time.monotonic() < ends:
        with capsys.disabled():
            sys.stdout.write(f"\nSEED={number}")
        run_state_machine_as_test(seed(number)(walk_in(*setting)), settings=rules)
        number += 1
