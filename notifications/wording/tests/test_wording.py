"""A venue's own words: used where they are good, refused where they are not, and never able to do anything."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications import templating
from notifications.wording import changing, checking, engine, sampling
from notifications.wording.models import MessageTemplate

PAID = "order_paid"


def refusal(body: str, template: str = PAID) -> str:
    with pytest.raises(checking.WordsRefused) as refused:
        checking.check(template, "en", {"subject": "Paid", "body": body})
    return refused.value.details[0].message


def written(venue, by, **words) -> MessageTemplate:
    asked = {"subject": "Thanks", "body": "{% firstof link order_url %} <b>"} | words
    return changing.write(by, venue_id=venue.pk, template=PAID, language="en", **asked)


HOSTILE = [
    "{% load static %}x",
    "{% include 'admin/login.html' %}",
    "{% extends 'notifications/base.html' %}",
    "{% url 'admin:index' %}",
    "{% debug %}",
    "{% ssi '/etc/passwd' %}",
    "{% csrf_token %}",
    "{% now 'Y' %}",
    "{% lorem 100000 %}",
    "{% cycle 'a' 'b' %}",
    "{% with a=site_url %}{{ a }}{% endwith %}",
    "{% filter upper %}x{% endfilter %}",
    "{% widthratio 1 1 9999999999 %}",
    "{% block a %}{% endblock %}",
    "{% verbatim %}{% endverbatim %}",
    "{% autoescape off %}{% endautoescape %}",
    "{{ settings.SECRET_KEY }}",
    "{{ request.user }}",
    "{{ site_url.__class__ }}",
    "{{ site_url._x }}",
    "{{ site_url.upper }}",
    "{{ site_url.encode }}",
    "{{ site_url.0 }}",
    "{{ nobody_knows_this }}",
    "{{ site_url|default:nobody_knows_this }}",
    "{{ site_url|ljust:'999999999' }}",
    "{{ 1|stringformat:'0999999999d' }}",
    "{{ 1|floatformat:999999999 }}",
    "{{ site_url|pprint }}",
    "{{ site_url|safe }}",
    "{% if site_url.__class__ %}x{% endif %}",
    "{% for a in site_url %}{{ a }}{% endfor %}",
    "{% for a in 'abc' %}{{ a }}{% endfor %}",
    "{% if " + "not " * 300 + "site_url %}x{% endif %}",
    "{% if site_url %}" * 200 + "x" + "{% endif %}" * 200,
    "{{ site_url" + "|upper" * 500 + " }}",
    "{{ site_url }}" * 200,
    "{% if site_url %}never closed",
    "{{ }}",
    "x" * 4001,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_message_does_not_need_is_refused_at_once(body: str) -> None:
    began = time.monotonic()
    assert refusal(body)
    assert time.monotonic() - began < 2


def test_loops_go_through_lists_and_never_stand_in_another() -> None:
    loop = "{% for a in lines %}{{ a.name }}{% endfor %}"
    nested = "{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}"
    sample = {"lines": [{"name": "Hot dog"}]}
    assert checking._problem(loop, 500, sample) == ""
    assert "never stands in another" in checking._problem(nested, 500, sample)
    for method in ("clear", "pop", "items", "keys", "copy"):
        assert checking._problem(f"{{% for a in lines %}}{{{{ a.{method} }}}}{{% endfor %}}", 500, sample)


def test_values_can_be_neither_called_nor_changed() -> None:
    context = {"lines": [{"name": "a"}], "facts": {"name": "b"}}
    source = "{{ facts.clear }}{{ facts.pop }}{{ lines.clear }}{{ lines.0.clear }}{{ facts.name }}{{ lines.0.name }}"
    assert engine.rendered(engine.parsed(source), context) == "ba"
    assert context == {"lines": [{"name": "a"}], "facts": {"name": "b"}}


def test_the_engine_itself_reads_no_files() -> None:
    assert set(engine.ENGINE.template_builtins[0].tags) == {"if", "for", "firstof"}
    assert len(engine.ENGINE.template_builtins) == 1
    assert engine.ENGINE.template_loaders == []


def test_what_a_message_is_for_must_stay() -> None:
    assert "firstof link order_url" in refusal("Thank you.")


def test_messages_of_accounts_are_the_platforms() -> None:
    assert not {"verify_email", "reset_password", "phone_code", "staff_invited"} & set(checking.editable())
    assert refusal("x", "reset_password")


@pytest.mark.parametrize("template", checking.editable())
def test_every_message_offers_variables_and_takes_them_back(template: str) -> None:
    sample = sampling.context(template)
    for name, value in sample.items():
        if isinstance(value, str):
            assert checking._problem(f"{{{{ {name} }}}}", 4000, sample) == ""


@pytest.mark.django_db
class TestOwnWords:
    def said(self, venue, channel="email", language="en"):
        context = {"number": "A1<script>", "total": "$1", "order_url": "https://example.com/o"}
        return templating.render(PAID, channel, context, language, venue.pk)

    def test_hold_from_when_they_are_used_until_they_are_taken_back(self, venue, other_venue, olga) -> None:
        shipped = self.said(venue)
        row = written(venue, olga, body="Thank you: {% firstof link order_url %}")
        assert self.said(venue) == shipped
        changing.use(row, olga, timezone.now())
        assert self.said(venue).subject == "Thanks"
        assert self.said(other_venue) == shipped
        assert self.said(venue, language="es").subject != "Thanks"
        changing.go_back(row, olga, timezone.now())
        assert self.said(venue) == shipped
        assert set(AuditLog.objects.filter(entity_id=row.pk).values_list("action", flat=True)) == {
            "message_template.written", "message_template.used", "message_template.taken_back"
        }  # fmt: skip

    def test_become_html_by_being_escaped(self, venue, olga) -> None:
        MessageTemplate.objects.create(
            venue_id=venue.pk, template=PAID, language="en", subject="S", body="<b>{{ number }}", in_use=True
        )
        words = self.said(venue)
        assert words.text == "<b>A1<script>\n"
        assert "&lt;b&gt;A1&lt;script&gt;" in words.html
        assert "<script>" not in words.html

    @pytest.mark.parametrize("body", ["{% broken", "{% include 'x' %}", "{{ number|nofilter }}", "x" * 30_000])
    def test_that_fail_leave_the_shipped_ones(self, venue, body) -> None:
        shipped = self.said(venue)
        MessageTemplate.objects.create(
            venue_id=venue.pk, template=PAID, language="en", subject="S", body=body, in_use=True
        )
        if body != "{% broken":
            assert self.said(venue) == shipped
        assert self.said(venue).text.strip()

    def test_cost_one_query(self, venue, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            self.said(venue)

    def test_are_written_once_for_a_language(self, venue, olga) -> None:
        written(venue, olga)
        with pytest.raises(changing.WordsExist):
            written(venue, olga)

    def test_that_change_are_out_of_use_until_they_are_used_again(self, venue, olga) -> None:
        row = changing.use(written(venue, olga), olga, timezone.now())
        assert not changing.change(row, olga, body="Other words {{ link }}").in_use
        with pytest.raises(checking.WordsRefused):
            changing.change(row, olga, body="{% debug %}")
