"""A row that is read by a statement put together once is the row that the ORM reads."""

from __future__ import annotations

from uuid import uuid4

import pytest

from ticketing import rarities
from ticketing.models import TicketType
from trufan.lib.compiled import OneByKeys
from trufan.testing import TicketTypeFactory

ONE = OneByKeys(lambda pk: rarities.noted(TicketType.objects.with_event()).filter(pk=pk))

pytestmark = pytest.mark.django_db


def test_it_has_all_columns_relations_and_annotations(django_assert_num_queries):
    kind = TicketTypeFactory()
    expected = rarities.noted(TicketType.objects.with_event()).get(pk=kind.pk)
    with django_assert_num_queries(1):
        found = ONE.get(kind.pk)
        assert found is not None
        venue = found.event.venue
    left_out = {"_state"}
    for ours, theirs in ((found, expected), (found.event, expected.event), (venue, expected.event.venue)):
        assert {k: v for k, v in vars(ours).items() if k not in left_out} == {
            k: v for k, v in vars(theirs).items() if k not in left_out
        }
    assert not found._state.adding


def test_each_call_asks_for_its_own_row():
    first, second = TicketTypeFactory(), TicketTypeFactory()
    assert [ONE.get(kind.pk) for kind in (first, second, first)] == [first, second, first]


def test_no_row_is_none():
    assert ONE.get(uuid4()) is None
