"""Every message, by every channel and in every language, read with its sample."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import engines

from notifications import kinds
from notifications.samples import SAMPLES
from notifications.sms.text import GSM7, measure
from notifications.templating import FILES, has_words, render

ROOT = Path(django_settings.BASE_DIR) / "templates" / "notifications"
LANGUAGES = [code for code, _ in django_settings.LANGUAGES]
SAID = [(name, channel) for name in kinds.templates() for channel in FILES if has_words(name, channel)]


def variables(text: str) -> set[str]:
    """The names that a template's tags and variables read, without the words in quotes."""
    tags = " ".join(re.findall(r"{[{%](.*?)[%}]}", re.sub(r"\"[^\"]*\"", "", text)))
    return set(re.findall(r"[a-z_]+", tags))


def test_the_catalogue_the_folders_and_the_samples_agree():
    folders = sorted(path.name for path in ROOT.iterdir() if path.is_dir())
    assert folders == kinds.templates() == sorted(SAMPLES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template, channel", SAID)
def test_every_message_reads_right(template, channel, language, monkeypatch):
    # What a template reads and its sample lacks shows itself as ?name?.
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "?%s?")
    words = render(template, channel, SAMPLES[template], language)
    assert words.text.strip()
    assert not re.search(r"\{\{|\{%|\?\w+\?", words.text + words.subject)
    assert len(words.subject) <= 78
    if channel != "sms":
        assert words.subject
    else:
        size = measure(words.text)
        assert (size.encoding, size.segments <= 2) == (GSM7, True)


@pytest.mark.parametrize("template, channel", SAID)
def test_no_line_of_a_spanish_message_is_english(template, channel):
    english, spanish = (render(template, channel, SAMPLES[template], language) for language in ("en", "es"))
    same = {*english.text.splitlines(), english.subject} & {*spanish.text.splitlines(), spanish.subject}
    data = sorted(texts_in(SAMPLES[template]), key=len, reverse=True)
    left = {re.sub("|".join(map(re.escape, data)), " ", line) for line in same}
    assert {
        line for line in left if re.search(r"[A-Za-z]{3}", re.sub(r"https?://\S+|SMS|STOP|TruFan", " ", line))
    } == set()


def texts_in(value):
    """Every text of a sample."""
    if isinstance(value, dict):
        return {text for each in value.values() for text in texts_in(each)}
    if isinstance(value, list):
        return {text for each in value for text in texts_in(each)}
    return {str(value)} if value not in ("", None) else set()


@pytest.mark.parametrize("file", sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("*/*.txt")))
def test_both_languages_read_the_same_variables(file):
    template, name = file.split("/")
    spanish = ROOT / template / "es" / name
    assert spanish.exists()
    # What operators write comes in both languages (`text_es`); the Spanish message takes the one it finds.
    read = {name for name in variables(spanish.read_text()) if not name.endswith("_es")} - {"firstof"}
    assert read == variables((ROOT / file).read_text()) - {"firstof"}


def test_the_documentation_names_each_message_as_it_is():
    text = (Path(django_settings.BASE_DIR) / "docs" / "messages.md").read_text()
    written = {}
    for line in re.findall(r"^\| `.*$", text, re.MULTILINE):
        name, _, _, channels, kind, waits = (cell.strip() for cell in line.strip("|").split("|"))
        written[name.strip("`")] = (channels, kind, waits)
    assert written == {
        name: (
            ", ".join(channel for channel in kinds.CHANNELS if has_words(name, channel)),
            kinds.of(name).kind.name,
            "yes" if kinds.of(name).waits else "no",
        )
        for name in kinds.templates()
    }
