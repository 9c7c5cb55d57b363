"""The limits by address have tests of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.SENSITIVE_LIMITS = dict.fromkeys(django_settings.SENSITIVE_LIMITS, 0)
    settings.RATE_LIMIT_PER_MINUTE = 0
