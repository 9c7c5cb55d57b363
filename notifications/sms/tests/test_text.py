"""What a message costs: its encoding, its parts, and typographic marks that are not worth double the price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sms import text


@pytest.mark.parametrize(
    ("words", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # Two septets are never torn apart: 152 + 2 do not fit into 153.
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("ñéüà¿¡Ñ", "GSM-7", 7, 1),
        ("á" * 70, "UCS-2", 70, 1),
        ("á" * 71, "UCS-2", 71, 2),
        ("á" * 134, "UCS-2", 134, 2),
        ("á" * 135, "UCS-2", 135, 3),
        ("🎟" * 35, "UCS-2", 70, 1),
        # 66 + 2 do not fit into 67.
        ("á" * 66 + "🎟" + "á" * 66, "UCS-2", 134, 3),
    ],
)
def test_a_message_is_billed_by_its_alphabet(words, encoding, units, segments):
    measured = text.measure(words)
    assert (measured.encoding, measured.units, measured.segments) == (encoding, units, segments)


@pytest.mark.parametrize("letter", "áíóúÁÍÓÚç")
def test_some_letters_of_spanish_make_it_twice_as_dear(letter):
    assert text.measure(letter).encoding == "UCS-2"


def test_typographic_marks_become_plain_ones():
    assert text.clean("“It’s — now…”\u00a0‘ok’ – `x` • y") == "\"It's - now...\" 'ok' - 'x' - y"
    assert text.measure(text.clean("“It’s — now…”")).encoding == "GSM-7"


def test_letters_are_never_changed():
    assert text.clean("Está lista, señor Núñez, Ça va, Жук 🎟") == "Está lista, señor Núñez, Ça va, Жук 🎟"


def test_what_no_message_may_hold_is_left_out():
    assert text.clean(" a\x00b\x07c\r\nd\x85\ud800 ") == "abc\nd"


@pytest.mark.parametrize("filling", ["a", "€", "á", "🎟"])
def test_an_answer_is_cut_to_what_may_be_spent(filling):
    fitted = text.fit(filling * 500, 2)
    assert text.measure(fitted).segments == 2
    assert fitted.endswith("...")
    longer = fitted[:-3] + filling * 2 + "..."
    assert text.measure(longer).segments == 3
    assert text.fit(filling * 35, 2) == filling * 35


@given(st.text(max_size=700))
def test_whatever_is_said_is_clean_and_fits(words):
    cleaned = text.clean(words)
    assert text.clean(cleaned) == cleaned
    assert text.measure(text.fit(cleaned, 2)).segments <= 2
    measured = text.measure(cleaned)
    room = 153 if measured.encoding == "GSM-7" else 67
    assert measured.segments >= -(-measured.units // room) or measured.segments == 1
