"""Keys of version 7: by the clock, in the order they were made, and never twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from trufan.lib import ids


def test_it_is_a_uuid_of_version_7_that_tells_its_millisecond():
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= before + 1_000


def test_those_of_one_millisecond_sort_in_the_order_they_were_made(monkeypatch):
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(ids.time, "time_ns", lambda: 2_000_000_000_000_000_000)
    made = [ids.uuid7() for _ in range(2_000)]
    assert made == sorted(made)
    assert len({each.int & (1 << 62) - 1 for each in made}) == 2_000
    assert {each.version for each in made} == {7}


def test_a_clock_that_is_set_back_a_little_brings_no_earlier_key_and_one_set_back_far_is_followed(monkeypatch):
    monkeypatch.setattr(ids, "_last", 0)
    moments = iter([2_000_000_000_000_000_000, 1_999_999_999_500_000_000, 1_900_000_000_000_000_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(moments))
    first, a_little_back, far_back = (ids.uuid7() for _ in range(3))
    assert first < a_little_back
    assert far_back.int >> 80 == 1_900_000_000_000


def test_threads_never_make_the_same():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.uuid7(), range(4_000)))
    assert len(set(made)) == 4_000
