"""The catalogue of translations: brought up to date, compiled, checked. Needs Babel, no GNU gettext.

python .ci/words.py            collects the texts into trufan/locale/<language>/LC_MESSAGES/django.po, compiles it
python .ci/words.py --check    fails on a text that is missing, untranslated, fuzzy, obsolete or wrong in its
                               placeholders, and on a compiled file that is not what the catalogue says
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

django.setup()

from django.conf import settings
from django.forms.utils import pretty_name
from django.utils.translation.template import templatize

import trufan.urls  # noqa: F401  loads every question of the console
from notifications import samples
from trufan.lib import script_words, words
from trufan.lib.console.forms import Answers, RuleForm

MARKS = {"_", "lazy", "gettext", "gettext_lazy", "gettext_noop"}
#: What stands where a message has no kind, a gate no reason against a car, and a dispute no reason.
_SAID_OF_NOTHING = ("everything", "open", "no_reason_given")
PLURAL_MARKS = {"ngettext", "ngettext_lazy"}
#: How `templatize` writes what a template says.
_QUOTED = r"""u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*\""""
_IN_TEMPLATE = re.compile(rf"(?<![a-z])(n?)(?:gettext|_)\(((?:{_QUOTED}|[,\s])+)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*(?:![rs])?(?::[^{}]*)?\}")
_WHEN = re.compile(
    rb'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To): [^"]*'
    rb'"\n'
)
Text = str | tuple[str, str]


def in_python(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if name in MARKS and len(said) == 1:
                yield said[0]
            elif name in PLURAL_MARKS and len(said) >= 2:
                yield said[0], said[1]


def in_template(source: str) -> Iterator[Text]:
    for plural, quoted in _IN_TEMPLATE.findall(templatize(source)):
        said = ast.literal_eval(f"({quoted.rstrip().rstrip(',')},)")
        if plural:
            yield said[0], said[1]
        else:
            yield said[0]


def sources() -> Iterator[tuple[Path, Iterator[Text]]]:
    """Every file of ours that says something, and the theme's templates, which come without a catalogue."""
    for app in sorted({app.name.split(".")[0] for app in words.ours()}):
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path.relative_to(ROOT), in_python(path.read_text())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT), in_template(path.read_text())
    for path in script_words.scripts():
        yield path.relative_to(ROOT), script_words.in_script(path.read_text())
    import unfold

    theme = Path(unfold.__file__).parent
    for path in sorted(theme.rglob("*.html")):
        yield Path("unfold") / path.relative_to(theme), in_template(path.read_text())


def collected() -> Catalog:
    """All that is said, from the code, the templates and the models."""
    known = django_knows()
    found = Catalog(fuzzy=False)
    for path, texts in sources():
        for text in texts:
            if (text if isinstance(text, str) else text[0]) and not (path.parts[0] == "unfold" and text in known):
                found.add(text, locations=[(str(path), None)])
    for text in (*words.said_by(words.ours()), *names_asked(Answers), *names_asked(RuleForm), *names_of_messages()):
        if re.search(r"[A-Za-z]{2}", text):
            found.add(text, locations=[("models", None)])
    return found


def names_asked(form: type[Answers] | type[RuleForm]) -> Iterator[str]:
    """What the console calls the fields of its questions that have no label."""
    for each in form.__subclasses__():
        if "tests" not in each.__module__.split("."):
            yield from (pretty_name(name) for name, field in each.base_fields.items() if field.label is None)
        yield from names_asked(each)


def names_of_messages() -> Iterator[str]:
    """What the console calls our mails, and what it says of the kinds of webhooks."""
    yield from (name.replace("_", " ").capitalize() for name in (*samples.SAMPLES, *_SAID_OF_NOTHING))


def django_knows() -> set[str]:
    """What Django's own catalogues translate; the theme leans on many of these."""
    import gettext as plain

    import django.contrib.admin
    import django.contrib.auth

    found: set[str] = set()
    for package in (django.conf.__file__, django.contrib.admin.__file__, django.contrib.auth.__file__):
        for language in languages():
            with (Path(package).parent / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
                said: dict[Any, str] = vars(plain.GNUTranslations(file))["_catalog"]
                found |= {key for key in said if isinstance(key, str)}
    return found


def languages() -> list[str]:
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def po(language: str) -> Path:
    return ROOT / "trufan" / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    if not po(language).exists():
        return Catalog(locale=language, fuzzy=False)
    with po(language).open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str) -> Catalog:
    """The catalogue with exactly the texts that are said now; what was translated stays."""
    old, new = read(language), Catalog(locale=language, project="TruFan", fuzzy=False, charset="utf-8")
    new.header_comment = "# What the console and the API say, in another language. docs/translating.md"
    for message in sorted((each for each in collected() if each.id), key=lambda each: str(each.id)):
        known = old.get(message.id if isinstance(message.id, str) else message.id[0])
        string = known.string if known else None
        if not isinstance(message.id, str) and not isinstance(string, tuple):
            string = ("", "")
        if isinstance(message.id, str) and isinstance(string, tuple):
            string = string[0]
        new.add(message.id, string, locations=message.locations, flags=known.flags - {"python-format"} if known else ())
    return new


def as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=120, omit_header=False, include_lineno=False)
    # Without the times of its making the file changes only when a text does.
    return _WHEN.sub(b"", out.getvalue())


def as_mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    # The same texts make the same bytes, whenever.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(out, catalog)
    return out.getvalue()


def faults(language: str) -> Iterator[str]:
    if not po(language).exists():
        yield f"{language}: there is no catalogue"
        return
    written = read(language)
    wanted = {each.id for each in collected() if each.id}
    yield from (
        f"{language}: not in the catalogue: {each!r}" for each in wanted - {each.id for each in written if each.id}
    )
    for message in written:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.id not in wanted:
            yield f"{language}: nobody says this any more: {message.id!r}"
        elif not is_translated(message):
            yield f"{language}: not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"{language}: fuzzy: {message.id!r}"
        elif any(places(text) != places(ids[-1]) and places(text) != places(ids[0]) for text in said):
            yield f"{language}: other placeholders: {message.id!r}"
    compiled = po(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != as_mo(written):
        yield f"{language}: {compiled.name} is not what {po(language).name} says"


def is_translated(message: Message) -> bool:
    return bool(message.string) if isinstance(message.string, str) else all(message.string)


def places(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def main() -> int:
    if "--check" in sys.argv:
        found = [fault for language in languages() for fault in faults(language)]
        for fault in found:
            print(fault, file=sys.stderr)
        print("Run `make messages` and translate (docs/translating.md)." if found else "The translations are complete.")
        return 1 if found else 0
    for language in languages():
        po(language).parent.mkdir(parents=True, exist_ok=True)
        po(language).write_bytes(as_po(merged(language)))
        written = read(language)
        po(language).with_suffix(".mo").write_bytes(as_mo(written))
        left = sum(1 for each in written if each.id and not is_translated(each))
        print(f"{language}: {len(written)} texts, {left} of them to be translated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
