"""All that own words may say beside text and variables: three tags, and a few filters that can't grow."""

from __future__ import annotations

from django.template import Library, defaultfilters, defaulttags

register = Library()
register.tag("if", defaulttags.do_if)
register.tag("for", defaulttags.do_for)
register.tag("firstof", defaulttags.firstof)
for _filter in (
    defaultfilters.capfirst,
    defaultfilters.default,
    defaultfilters.length,
    defaultfilters.lower,
    defaultfilters.title,
    defaultfilters.truncatechars,
    defaultfilters.upper,
):
    register.filter(_filter)
