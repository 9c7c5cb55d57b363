"""The words of the console's scripts, in the page that loads them."""

from __future__ import annotations

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from trufan.lib.script_words import of_language

register = template.Library()


@register.simple_tag
def script_words() -> SafeString:
    """What `trufanSay` looks up (trufan/static/trufan/words.js)."""
    return json_script(of_language(), "script-words")
