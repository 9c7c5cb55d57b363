"""Every message in the house has its words, and they read right in text and in HTML."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from notifications.html import html_of
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


@pytest.mark.parametrize("template", [name for name in TEMPLATES if (ROOT / name / "body.txt").exists()])
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


def test_the_line_that_is_the_link_becomes_a_button_and_only_that_one():
    link = "https://x.example/?a=1&b=2"
    html = html_of("Paid", f"Hello,\n\nsee here:\n{link}\n\nOr write: https://y.example.", link=link, action="See <it>")
    assert html.count('class="button"') == 1
    assert 'href="https://x.example/?a=1&amp;b=2" class="button"' in html
    assert ">See &lt;it&gt;</a>" in html
    assert 'href="https://y.example"' in html
    assert "<a " not in html_of("Paid", "Hello,\n\nnothing to see.")


def test_what_is_no_address_of_the_web_is_never_a_link():
    html = html_of("Paid", "Hello,\n\njavascript:alert(1)", link="javascript:alert(1)")
    assert "<a " not in html


def test_lines_that_are_set_in_are_a_list():
    html = html_of("Paid", "Hello,\n\n  2 × General\n  1 × <Vip>\n\nbye")
    assert "<li>2 × General</li><li>1 × &lt;Vip&gt;</li></ul>" in html


def test_the_page_says_its_language_and_its_button_speaks_it():
    html = html_of("Pagado", "Hola,\n\nhttps://x.example/a", link="https://x.example/a", language="es")
    assert '<html lang="es">' in html
    assert ">Abrir</a>" in html
