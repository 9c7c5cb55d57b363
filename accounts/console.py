"""Changing one's own password in the console, by the same rule as in the API."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm

from accounts import passwords
from accounts.console_sessions import sessions
from accounts.sign_in import Ended


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Asks for the present password and the new one twice."""

    #: The console session that changes it, and goes on.
    keep_session = ""

    def save(self, commit: bool = True) -> Any:
        hashed = make_password(self.cleaned_data["new_password1"])
        with transaction.atomic():
            passwords.replace(self.user, hashed, timezone.now(), because=Ended.CHANGED, keep_session=self.keep_session)
        return self.user


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The page; this console session lives on, every other sign-in ends."""
    kept = type("KeepingForm", (OwnPasswordForm,), {"keep_session": request.session.session_key or ""})
    view = PasswordChangeView.as_view(
        form_class=kept,
        success_url=reverse_lazy("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    response = view(request)
    # Django gives the session another key with the new password.
    sessions.rekeyed(request)
    return response
