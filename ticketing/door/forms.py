"""How the console's forms ask for what the door knows."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from trufan.lib.words import lazy as _

GATES_HELP = _("Names with commas between, such as North, Box entrance. Empty: all gates.")


class GatesField(forms.CharField):
    """Names of gates, typed with commas between."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"required": False, "max_length": 2_000, "help_text": GATES_HELP, **how})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [name.strip() for name in super().clean(value).split(",") if name.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data) != (initial or []))
