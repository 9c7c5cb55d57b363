"""What each party gives to a refund: those whose line it was for the line, everyone for the rest, to the cent."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import refunds
from payments.apportioning import Got, apportion
from payments.models import RefundShare, Transfer
from payments.tests.sharing import due, order_of, received, recipient
from trufan.lib.money import approach

TACOS, SHIRTS = UUID(int=1), UUID(int=2)
LINE, OTHER = UUID(int=11), UUID(int=12)
#: A taco line of 100 dollars and a shirt line of 50, each with a tenth for the platform, and a tip for both.
SHARES = [
    Got(None, 1_000, LINE), Got(TACOS, 9_000, LINE), Got(None, 500, OTHER), Got(SHIRTS, 4_500, OTHER),
    Got(TACOS, 600), Got(SHIRTS, 300),
]  # fmt: skip


def by_party(parts: Any) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for (party, _), amount in parts.items():
        found[party] += amount
    return dict(found)


def test_a_line_comes_from_those_whose_it_was():
    assert by_party(apportion(5_000, {OTHER: 5_000}, SHARES, {}, {})) == {None: 500, SHIRTS: 4_500}
    assert by_party(apportion(100, {LINE: 100}, SHARES, {}, {})) == {None: 10, TACOS: 90}


def test_what_is_for_no_line_comes_from_everyone():
    whole = sum(share.amount for share in SHARES)
    assert by_party(apportion(whole // 10, {}, SHARES, {}, {})) == {None: 150, TACOS: 960, SHIRTS: 480}


def test_after_a_line_the_rest_comes_from_what_is_left():
    line = apportion(5_000, {OTHER: 5_000}, SHARES, {}, {})
    rest = apportion(1_090, {}, SHARES, by_party(line), dict(line))
    assert by_party(rest) == {None: 100, TACOS: 960, SHIRTS: 30}


def test_a_line_whose_recipient_has_little_left_takes_the_rest_from_the_others():
    before = {None: 1_000, TACOS: 9_500, SHIRTS: 2_400}
    parts = by_party(apportion(3_000, {LINE: 3_000}, SHARES, before, {}))
    assert parts[TACOS] == 100
    assert sum(parts.values()) == 3_000


def test_more_than_was_got_is_refused():
    with pytest.raises(ValueError, match="towards"):
        apportion(15_901, {}, SHARES, {}, {})


parties = st.sampled_from([None, UUID(int=1), UUID(int=2), UUID(int=3)])
items = st.sampled_from([UUID(int=11), UUID(int=12), UUID(int=13)])
shares = st.lists(st.builds(Got, parties, st.integers(1, 20_000), st.one_of(st.none(), items)), min_size=1, max_size=9)


@given(shares=shares, data=st.data())
@settings(max_examples=150)
def test_any_series_of_refunds_gives_everything_back_once(shares, data):
    whole, sums = sum(share.amount for share in shares), Counter[Any]()
    line_sums: Counter[UUID] = Counter()
    for share in shares:
        sums[share.party] += share.amount
        if share.item_id:
            line_sums[share.item_id] += share.amount
    series: list[Counter[Any]] = []
    only_lines = data.draw(st.booleans())
    for _ in range(12):
        given_all: Counter[Any] = Counter()
        by_line: Counter[Any] = Counter()
        for parts in series:
            given_all.update(by_party(parts))
            by_line.update({key: part for key, part in parts.items() if key[1]})
        left = whole - sum(given_all.values())
        if not left:
            break
        amount = data.draw(st.integers(1, left))
        lines: dict[UUID, int] = {}
        for item in line_sums:
            gone = sum(part for (_, of), part in by_line.items() if of == item)
            most = min(amount - sum(lines.values()), line_sums[item] - gone)
            if most > 0 and data.draw(st.booleans()):
                lines[item] = data.draw(st.integers(1, most))
        if only_lines:
            amount = sum(lines.values())
            if not amount:
                continue
        parts = apportion(amount, lines, shares, given_all, by_line)
        assert sum(parts.values()) == amount
        assert min(parts.values(), default=1) > 0
        after = given_all + Counter(by_party(parts))
        assert all(after[party] <= sums[party] for party in after)
        if only_lines:
            # Nothing was taken by amount, so each line is its own recipients' and nobody else's.
            for party, item in parts:
                assert any((share.party, share.item_id) == (party, item) for share in shares)
        series.append(parts)
        if series and data.draw(st.integers(0, 5)) == 0:
            # One of them comes back.
            series.pop(data.draw(st.integers(0, len(series) - 1)))


@given(weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=6), data=st.data())
@settings(max_examples=150)
def test_parts_approach_from_anywhere(weights, data):
    had = [data.draw(st.integers(0, weight)) for weight in weights]
    total = data.draw(st.integers(sum(had), sum(weights)))
    parts = approach(total, weights, had)
    assert sum(parts) == total
    assert all(before <= now <= most for before, now, most in zip(had, parts, weights, strict=True))


@pytest.mark.parametrize(("total", "given_before"), [(11, [0, 0]), (4, [3, 3]), (7, [6, 0])])
def test_parts_approach_nothing_beyond_their_weights(total, given_before):
    with pytest.raises(ValueError, match="parts"):
        approach(total, [5, 5], given_before)


@pytest.mark.django_db
@pytest.mark.usefixtures("lines_without_stock")
def test_a_refund_by_line_takes_from_that_lines_recipient_alone(venue, pay, django_capture_on_commit_callbacks):
    tacos, shirts = recipient(venue, "Tacos"), recipient(venue, "Shirts")
    order = order_of(venue, [(tacos, 10_000, 1_000), (shirts, 5_000, 500)], tip=900)
    payment = pay(of=order)
    line = order.items.get(recipient=shirts)
    before = received(tacos)
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request(payment, 2_500, reason="Torn", by=None, now=timezone.now(), lines={line.pk: 2_500})
    assert received(tacos) == before
    # Its tip of 3 dollars stays.
    assert received(shirts) == due(shirts) == 4_500 + 300 - 2_250
    shares = RefundShare.objects.values_list("transfer__account__name", "item_id", "amount")
    assert set(shares) == {("Shirts", line.pk, 2_250), (None, line.pk, 250)}
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request_all(order, reason="Rain", by=None, now=timezone.now())
    assert (received(tacos), received(shirts)) == (0, 0)
    assert all(transfer.amount_reversed == transfer.amount for transfer in Transfer.objects.all())
