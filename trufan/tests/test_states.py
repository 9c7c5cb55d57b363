"""Every status becomes what docs/states.md says, and nothing else."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from trufan.lib.errors import InvalidMove
from trufan.lib.models import Stateful

ROW = re.compile(r"^\| `([\w.]+)` \| `(\w+)` \| (.*)\|$", re.MULTILINE)
MODELS = [model for model in apps.get_models() if issubclass(model, Stateful)]


def listed():
    """Table and status → what the document says it may become."""
    text = (Path(settings.BASE_DIR) / "docs" / "states.md").read_text()
    return {(label, before): set(re.findall(r"`(\w+)`", after)) for label, before, after in ROW.findall(text)}


def states(model):
    return [value for value, _ in model._meta.get_field("status").choices]


def test_the_document_lists_every_status_of_every_table():
    assert set(listed()) == {(model._meta.label, before) for model in MODELS for before in states(model)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_status_becomes_what_is_listed_and_nothing_else(model):
    for before in states(model):
        allowed = listed()[model._meta.label, before]
        row = model(status=before)
        assert {after for after in states(model) if row.can_move(after)} == allowed, before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_move_that_is_not_listed_is_refused_before_anything_is_written(model):
    # No database is given to this test: a query would fail it.
    for before in states(model):
        row = model(status=before)
        for after in set(states(model)) - listed()[model._meta.label, before]:
            with pytest.raises(InvalidMove):
                row.move(after)
            assert row.status == before
