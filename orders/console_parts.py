"""What other apps put on an order's page in the console; see `trufan.lib.console.parts`."""

from __future__ import annotations

from trufan.lib.console.parts import Parts

_parts = Parts("an order's page")
buttons = _parts.buttons
add_button = _parts.add_button
