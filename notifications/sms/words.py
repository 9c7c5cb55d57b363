"""What we answer by SMS, in the languages we speak. Other apps bring a table of their own; each language has all of it.

Spanish does without á, í, ó and ú here: one of them would make an answer UCS-2, and twice as dear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

#: language → name → words.
Table = Mapping[str, Mapping[str, str]]

WORDS: Table = {
    "en": {
        "stopped": "You get no more text messages from us. Write START to get them again.",
        "started": "You get our text messages again. Write HELP for help, STOP to stop them.",
        "help": "{commands} Write STOP to get no more messages.",
        "help_bare": "This number sends messages about your orders, tickets and parking. Write STOP to stop them.",
        "unknown": "We did not understand. {commands} HELP for help.",
        "unknown_bare": "Nobody reads messages to this number. HELP for help.",
        "broken": "Sorry, something went wrong on our side. Try again later, or ask our staff.",
    },
    "es": {
        "stopped": "No le enviaremos mensajes. Escriba START para volver a recibirlos.",
        "started": "Vuelve a recibir nuestros mensajes. Escriba AYUDA para ayuda, PARAR para no recibirlos.",
        "help": "{commands} Escriba PARAR para no recibir mensajes.",
        "help_bare": "Enviamos mensajes sobre pedidos, entradas y parking. Escriba PARAR para no recibirlos.",
        "unknown": "No entendemos el mensaje. {commands} AYUDA para ayuda.",
        "unknown_bare": "Nadie lee estos mensajes. AYUDA para ayuda.",
        "broken": "Lo sentimos, algo ha fallado. Intente de nuevo luego o pregunte al personal.",
    },
}


def say(name: str, language: str, table: Table = WORDS, /, **values: Any) -> str:
    """The words of that name in the language, in the default one where we don't speak it."""
    spoken = table.get(language) or table[settings.LANGUAGE_CODE]
    return spoken[name].format(**values)
