"""What the check of packages makes of what a service answers, and of none."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

_spec = importlib.util.spec_from_file_location(
    "vulnerabilities", Path(settings.BASE_DIR) / ".ci" / "vulnerabilities.py"
)
assert _spec is not None and _spec.loader is not None
vulnerabilities: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(vulnerabilities)

GOOD = {"name": "django", "version": "5.2.9", "vulns": []}
WEAK = {"name": "pillow", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "celery", "skip_reason": "Dependency not found"}


@pytest.fixture
def checked(monkeypatch, capsys):
    def run(*answers: Any) -> tuple[int, str]:
        told = iter(answers)
        monkeypatch.setattr(vulnerabilities, "LOCKS", ("requirements.txt",))
        monkeypatch.setattr(vulnerabilities, "ask", lambda lock, service: next(told))
        return vulnerabilities.main(), capsys.readouterr().err

    return run


def test_where_nothing_is_known_it_passes_quietly(checked):
    assert checked([GOOD]) == (0, "")


def test_a_weakness_fails_and_says_where_it_is_mended(checked):
    assert checked([GOOD, WEAK]) == (1, "pillow 1.0: CVE-1, mended in 1.1\n")


def test_a_service_that_knows_nothing_is_passed_over_for_the_next(checked):
    assert checked([UNKNOWN], [WEAK])[0] == 1


@pytest.mark.parametrize("answers", [(None, None), ([UNKNOWN], None), ([], [UNKNOWN])])
def test_no_answer_is_said_loudly_and_fails_where_one_is_insisted_on(checked, monkeypatch, answers):
    assert checked(*answers) == (0, "requirements.txt WAS NOT AUDITED: no service answered.\n")
    monkeypatch.setenv("AUDIT_REQUIRED", "1")
    assert checked(*answers)[0] == 1


def test_what_one_service_does_not_know_is_counted(checked):
    assert checked([GOOD, UNKNOWN]) == (
        0,
        "1 PINS OF requirements.txt WERE NOT AUDITED: the service does not know them.\n",
    )
