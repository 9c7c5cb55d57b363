"""However many uses are over, what is free is read from the index of those that are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parking.models import SpaceUse
from parking.spaces import blocks, counting, taking
from trufan.testing import CapacityFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
OVER, LIVE = 200_000, 300
#: What is never read for a count: the table, or an index that knows of what is over.
PARTIAL = {"use_active", "use_inside", "use_item"}
_PAST = """
    INSERT INTO parking_spaceuse (id, created_at, updated_at, capacity_id, purpose, starts_at, ends_at, quantity,
                                  is_inside, is_active, reason)
    SELECT gen_random_uuid(), now(), now(), %s, 'session', now() - (n + 120) * interval '1 minute',
           now() - n * interval '1 minute', 1, false, false, ''
    FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def years(lot, capacity):
    """200,000 uses that are over, and some hundreds that are not, on two kinds of space."""
    other, now, minute = CapacityFactory(lot=lot, kind="ev"), timezone.now(), timedelta(minutes=1)
    with connection.cursor() as cursor:
        for kind in (capacity, other):
            cursor.execute(_PAST, [kind.pk, OVER // 2])
    for number in range(LIVE):
        begins = now + number * 10 * minute
        taking.put(capacity if number % 3 else other, begins, begins + 90 * minute, "reservation")
    for _ in range(10):
        taking.put(capacity, now - 60 * minute, now + 60 * minute, "session", is_inside=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parking_spaceuse")
    return capacity, other


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def explained(ask) -> list[dict[str, Any]]:
    """The steps of the one query that `ask` makes, as they really ran."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask()
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.captured_queries[0]['sql']}")
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def test_counts_read_the_index_of_what_is_not_over(years):
    capacity, _ = years
    assert SpaceUse.objects.count() == OVER + LIVE + 10
    now, hour = timezone.now(), timedelta(hours=1)
    use = SpaceUse.objects.filter(is_active=True).first()
    for ask in (
        lambda: counting.left(capacity, now + hour, now + 3 * hour, now),
        lambda: counting.left(capacity, now + hour, now + 3 * hour, now, [use.pk]),
        lambda: counting.most(capacity, now),
        lambda: counting.left_by_capacity(years, now + hour, now + 3 * hour, now),
        lambda: counting.left_now(years, now),
        lambda: counting.inside(years),
        lambda: list(blocks.live(capacity.lot, now)),
        lambda: list(SpaceUse.objects.filter(item_id=use.pk, is_active=True)),
        lambda: blocks.end_past(now),
    ):
        steps = explained(ask)
        on_uses = [step for step in steps if step.get("Relation Name") == "parking_spaceuse" or "Index Name" in step]
        assert not [step for step in steps if step["Node Type"] == "Seq Scan"
                    and step["Relation Name"] == "parking_spaceuse"], steps  # fmt: skip
        names = {step["Index Name"] for step in on_uses if "Index Name" in step}
        assert names & PARTIAL, names
        assert not {name for name in names if name.startswith("parking_spaceuse_capacity")}, names
        read = sum(
            (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
            for step in on_uses
            if step.get("Relation Name") == "parking_spaceuse"
        )
        assert read <= LIVE + 10, "what is over is never looked at"
