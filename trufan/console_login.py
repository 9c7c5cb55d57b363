"""Signing in to the console."""

from __future__ import annotations

from math import ceil
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from audit.trail import record


class SignInForm(AuthenticationForm):
    """E-mail address and password of somebody on a staff; says so when repeated failures locked the address."""

    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or the password is not right, or this account is not on any staff.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError:
            if not getattr(self.request, "axes_locked_out", False):
                raise
            # Said here, in the page; unset, or the middleware would put a bare line in place of the page.
            self.request.axes_locked_out = False
            minutes = ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
            raise ValidationError(
                f"Too many failed attempts. Signing in with this address is locked for {minutes} minutes.",
                code="locked",
            ) from None

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        record("user.signed_in_to_console", user, actor=user)
