"""Whatever order scanners' batches come in, however often and however cut: the end is the same."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ticketing import codes
from ticketing.door.folding import Fact, Terms, fold
from ticketing.door.tests.scanners import send, standing
from ticketing.tests.sales import buy
from trufan.lib import throttling
from trufan.testing import StaffFactory

NIGHT = datetime(2026, 7, 3, 20, tzinfo=UTC)


class Undo(Exception):
    """Takes an example's rows back."""


facts = st.builds(
    Fact,
    key=st.integers(0, 10**6),
    at=st.integers(0, 12).map(lambda minutes: NIGHT + timedelta(minutes=minutes)),
    nonce=st.sampled_from("abc"),
    by=st.sampled_from(["gus", "olga", "val"]),
    received_at=st.integers(0, 30).map(lambda minutes: NIGHT + timedelta(minutes=minutes)),
    direction=st.sampled_from(["in", "out"]),
    gate=st.sampled_from(["North", "South"]),
    version=st.sampled_from([None, 1, 2]),
    is_offline=st.booleans(),
)
terms = st.builds(
    Terms,
    reentry=st.booleans(),
    once_per_day=st.booleans(),
    zone=st.just(UTC),
    code_version=st.just(1),
    void_since=st.sampled_from([None, NIGHT, NIGHT + timedelta(minutes=6)]),
)


@given(
    st.lists(facts, max_size=9, unique_by=(lambda fact: (fact.nonce, fact.by), lambda fact: fact.key)),
    terms,
    st.data(),
)
def test_the_fold_knows_no_order_of_arrival(given_facts: list[Fact], given_terms: Terms, data: Any) -> None:
    undos = data.draw(st.sets(st.sampled_from(given_facts)) if given_facts else st.just(set()))
    taken_back = [
        Fact(key=f"undo {fact.key}", at=fact.at, nonce="u", by=str(fact.key), received_at=NIGHT, undoes=fact.key)
        for fact in undos
    ]
    every = [*given_facts, *taken_back]
    shuffled = data.draw(st.permutations(every))
    result = fold(shuffled, given_terms)
    assert result == fold(every, given_terms)
    assert not set(result.conflicts) & {fact.key for fact in undos}
    counted = [
        fact for fact in given_facts if fact not in undos and not (fact.is_offline and fact.version not in (None, 1))
    ]
    assert result.entries == sum(fact.direction == "in" for fact in counted)
    assert (result.used_at is None) == (result.entries == 0)
    last = max(counted, key=lambda fact: (fact.at, fact.nonce, fact.by), default=None)
    assert result.inside == (last is not None and last.direction == "in")


@pytest.fixture
def texts(fay: Any, ticket_type: Any) -> list[str]:
    """The codes of two tickets, and one that is none."""
    return [codes.sign(ticket) for ticket in buy(fay, ticket_type, 2)] + ["garbled"]


@pytest.fixture
def scanners(api: Any, venue: Any) -> list[Any]:
    return [api.as_(StaffFactory(venue=venue, role="door").user) for _ in range(3)]


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_three_scanners_batches_end_in_one_state(event: Any, texts: list[str], scanners: list[Any], data: Any) -> None:
    """Their scans cut into batches, sent in any interleaving, some of them again; and once in one plain order."""
    now = timezone.now().replace(microsecond=0)
    scan = st.fixed_dictionaries({
        "code": st.sampled_from(texts), "direction": st.sampled_from(["in", "in", "out"]),
        "scanned_at": st.integers(1, 9).map(lambda minutes: (now - timedelta(minutes=minutes)).isoformat()),
        "decided": st.sampled_from(["accepted", "accepted", "refused"]), "gate": st.sampled_from(["North", "South"]),
    })  # fmt: skip
    lists = st.lists(scan, min_size=1, max_size=5)
    told = [[{**each, "nonce": str(number)} for number, each in enumerate(data.draw(lists))] for _ in scanners]
    policy = {"door": {"reentry": data.draw(st.booleans())}}
    parts = [(who, told[who][:cut]) for who in range(3) for cut in data.draw(st.lists(st.integers(1, 5), max_size=2))]
    plain = [(who, told[who]) for who in range(3)]
    ended = []
    for batches in (data.draw(st.permutations(parts + plain)), plain):
        with suppress(Undo), transaction.atomic():
            type(event).objects.filter(pk=event.pk).update(configuration=policy)
            cache.clear()
            throttling.reset()
            for who, batch in batches:
                send(scanners[who], event, *batch)
            ended.append(standing())
            raise Undo
    assert len(ended[0][1]) == sum(map(len, told))
    assert ended[0] == ended[1]
