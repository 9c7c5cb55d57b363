"""Generated requests against every operation of the schema, as each kind of caller: no 500, nothing undocumented."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import sign_in, tokens
from accounts.models import User
from orders.tests.test_holds import place
from trufan.wsgi import application

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: The database of production meets them all; on the laptop's a few show that the answers are the same.
EXAMPLES = 12 if "postgresql" in settings.DATABASES["default"]["ENGINE"] else 4


@pytest.fixture
def callers(request: pytest.FixtureRequest, db) -> dict[str, User | None]:
    """Nobody, a fan with an order, a manager with an event on sale, a super admin."""
    fay, olga, ada = (request.getfixturevalue(name) for name in ("fay", "olga", "ada"))
    place(fay, (request.getfixturevalue("ticket_type"), 2))
    return {"nobody": None, "fan": fay, "manager": olga, "super admin": ada}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests share the test's own connection: what ends a real request would close it under the transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def whole_schema() -> schemathesis.BaseSchema:
    """The document that `/api/v1/schema` serves, with the application itself to send requests to."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    schema.app = application
    return schema


@pytest.mark.parametrize("role", ["nobody", "fan", "manager", "super admin"])
@whole_schema().parametrize()
@hypothesis_settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
def test_every_operation_answers_as_documented(case, role, callers):
    user = callers[role]
    now = timezone.now()
    headers = {"Authorization": f"Bearer {tokens.access_for(sign_in.start(user, now), now)}"} if user else {}
    case.call_and_validate(headers=headers, checks=CHECKS)
