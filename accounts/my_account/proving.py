"""Letting a person who is signed in prove once more who they are, before a page changes how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import credentials
from accounts.second_factor import checking
from trufan.lib.errors import DomainError


def is_proved(request: HttpRequest, user: Any, form: forms.Form, now: datetime) -> bool:
    """Whether password and code, where the form asks for them, are right; what is wrong is said in the form.

    The password first: without it nobody tries codes.
    """
    return _holds(form, "password", lambda typed: credentials.confirm(request, user, typed), request) and _holds(
        form, "present_code", lambda typed: checking.check(user, typed, now), request
    )


def _holds(form: forms.Form, field: str, check: Any, request: HttpRequest) -> bool:
    if field not in form.fields:
        return True
    try:
        check(form.cleaned_data[field])
    except DomainError as refusal:
        # Said here; axes' middleware would put a bare line in place of the page.
        request.axes_locked_out = False  # type: ignore[attr-defined]  # as axes itself keeps it
        form.add_error(field, refusal.message)
        return False
    return True
