"""What the pages of one's own account ask before they do something."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

_CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"}


def _code_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=20, widget=UnfoldAdminTextInputWidget(attrs=dict(_CODE))
    )


class ProofForm(forms.Form):
    """The password, and a code of the second factor where there is one."""

    def __init__(self, *args: Any, has_factor: bool, asks_password: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_password:
            self.fields["password"] = forms.CharField(
                label=gettext("Your password"),
                strip=False,
                max_length=128,
                widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
            )
        if has_factor:
            self.fields["present_code"] = _code_field(
                "Present code", "What your authenticator shows now, or one of your recovery codes."
            )


class SetUpForm(ProofForm):
    """The proofs, and what the new authenticator shows."""

    def __init__(self, *args: Any, has_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, has_factor=has_factor, **kwargs)
        self.fields["code"] = _code_field(
            gettext("Code of the new authenticator"), gettext("The six digits that it shows now.")
        )
