"""`OPTIONS` on any path of the API: what may be called there, and never a fault."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from drf_spectacular.generators import SchemaGenerator

pytestmark = pytest.mark.django_db

PATHS = sorted(SchemaGenerator().get_schema(public=True)["paths"])


@pytest.mark.parametrize("path", PATHS)
def test_options_is_answered_without_looking_for_the_row(path, api, olga):
    answer = api.as_(olga).options(re.sub(r"\{.*?\}", str(uuid4()), path))
    assert answer.status_code in (200, 403, 404, 405), answer.content
    assert "actions" not in answer.json()


def test_options_names_the_methods_to_whoever_may_call_them(api, olga):
    answer = api.as_(olga).options(f"/api/v1/products/{uuid4()}/picture")
    assert answer.status_code == 200
    assert answer["Allow"] == "PUT, DELETE, OPTIONS"
