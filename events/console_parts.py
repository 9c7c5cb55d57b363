"""What other apps put on an event's page in the console; see `trufan.lib.console.parts`."""

from __future__ import annotations

from trufan.lib.console.parts import Parts

_parts = Parts("an event's page")
buttons = _parts.buttons
add_button = _parts.add_button
add_sections = _parts.add_sections
sections_of = _parts.sections_of
