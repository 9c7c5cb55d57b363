"""Every message in the house has its words, and they read right in text and in HTML."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template.loader import get_template

from notifications.templating import render

ROOT = Path(django_settings.BASE_DIR) / "templates" / "notifications"
TEMPLATES = sorted(path.name for path in ROOT.iterdir() if path.is_dir())
CONTEXT = {"name": "Fay <b>&", "first_name": "Fay <b>&", "link": "https://trufan.example/?a=1&b=2", "code": "123456"}


def channel_of(template: str) -> str:
    return "sms" if (ROOT / template / "sms.txt").exists() else "email"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_has_words(template):
    words = render(template, channel_of(template), CONTEXT)
    assert words.text.strip()
    assert "{{" not in words.text
    assert "&amp;" not in words.text
    if channel_of(template) == "email":
        assert words.subject
        assert "\n" not in words.subject


@pytest.mark.parametrize("template", [name for name in TEMPLATES if (ROOT / name / "body.html").exists()])
def test_every_html_mail_is_escaped_and_loads_nothing(template):
    html = render(template, "email", CONTEXT).html
    assert html.startswith("<!DOCTYPE html>")
    assert "<b>&" not in html
    assert not re.search(r"<(script|link|iframe|img|object)\b|src=|url\(|@import", html)


def test_text_is_not_escaped_and_html_is():
    words = render("greeting", "email", {"name": "Tom & Ann's <band>"})
    assert words.subject == "Hello Tom & Ann's <band>"
    assert "Hello Tom & Ann's <band>," in words.text
    assert "Tom &amp; Ann&#x27;s &lt;band&gt;" in words.html


def test_a_subject_is_one_short_line():
    subject = render("greeting", "email", {"name": "a\r\n b\x0b\u2028c\x00" + "x" * 500}).subject
    assert subject.startswith("Hello a b cx")
    assert len(subject) == 200


def test_every_message_can_name_the_site(settings):
    settings.FRONTEND_URL = "https://fans.example"
    assert "https://fans.example" in render("greeting", "email", {}).text


def test_the_button_is_there_only_with_a_link():
    frame = get_template("notifications/base.html")
    assert "https://x.example" in frame.render({"link": "https://x.example"})
    assert "<a " not in frame.render({})
