"""The house's own rules for passwords; Django's stand beside them in `AUTH_PASSWORD_VALIDATORS`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from trufan.lib.errors import Detail, Invalid


class DigitValidator:
    """At least one digit, of any script."""

    message = "This password needs at least one digit."

    def validate(self, password: str, user: Any = None) -> None:
        if not any(letter.isdigit() for letter in password):
            raise ValidationError(self.message, code="password_no_digit")

    def get_help_text(self) -> str:
        return "Your password needs at least one digit."


class UpperCaseValidator:
    """At least one upper-case letter, of any script."""

    message = "This password needs at least one upper-case letter."

    def validate(self, password: str, user: Any = None) -> None:
        if not any(letter.isupper() for letter in password):
            raise ValidationError(self.message, code="password_no_upper_case")

    def get_help_text(self) -> str:
        return "Your password needs at least one upper-case letter."


def check(password: str, user: User, field: str) -> None:
    """Refuse a password that breaks a rule; raises `Invalid` with one detail on `field` for each rule broken."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        details = [Detail(field, each.code or "invalid", " ".join(each.messages)) for each in error.error_list]
        raise Invalid(details=details) from error
