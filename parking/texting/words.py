"""What drivers are answered by SMS. Without á, í, ó and ú in Spanish: see `notifications.sms.words`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from notifications.sms import words
from notifications.sms.commands import Asked, Handler
from trufan.lib.errors import DomainError

WORDS: words.Table = {
    "en": {
        "no_valet": "We keep no car for this number. At the venue's own number, write READY, your ticket's number and "
        "its PIN, or ask at the desk.",
        "no_stay": "No car is parked for this number. HELP for help.",
        "which": "Which car? Write {command} and one of: {names}.",
        "car": "Car {number}{what}",
        "parked": "{car} is parked. Write READY to get it: about {minutes} min.",
        "requested": "{car} will be here in about {minutes} min, place {place} in the queue.",
        "wanted": "{car} will be here at {at}.",
        "retrieving": "{car} is on its way: about {minutes} min.",
        "ready": "{car} is ready. Give your ticket's PIN to get it.",
        "to_pay": "To pay: {amount} {link}",
        "until": "{name} at {lot}: paid until {at}.",
        "since": "{name} at {lot}: since {at}, no end.",
        "over": "{name} at {lot}: its time was over at {at}.",
        "how_long": "How much longer? Write EXTEND 1H, EXTEND 30M or EXTEND 2 (hours), 24H at most.",
        "no_end": "{name} has no end at {lot}: you pay when you leave, for as long as you stay.",
        "extended": "{name} may stay at {lot} until {at}. It costs nothing more.",
        "pay_for_more": "{name} until {at} costs {amount}. Pay within {minutes} min, nothing is charged before: {link}",
        "ended": "{name} has left {lot}, stay {number}. Not you? Tell the staff at once.",
        "pay_first": "{amount} is to be paid first: {link}",
        "goes_on": "Your stay at {lot} goes on; write STOP PARKING to end it.",
        "goes_on_gate": "Your stay at {lot} goes on until your car leaves.",
    },
    "es": {
        "no_valet": "No tenemos su coche con este teléfono. Escriba al recinto LISTO, su ticket y el PIN, "
        "o pregunte al personal.",
        "no_stay": "No hay coche aparcado para este teléfono. AYUDA para ayuda.",
        "which": "Diga el coche: {command} y uno de: {names}.",
        "car": "Coche {number}{what}",
        "parked": "{car} aparcado. Escriba LISTO para recogerlo: unos {minutes} min.",
        "requested": "{car} llega en unos {minutes} min, puesto {place} en la cola.",
        "wanted": "{car} llega a las {at}.",
        "retrieving": "{car} viene de camino: unos {minutes} min.",
        "ready": "{car} listo. Diga el PIN de su ticket para recogerlo.",
        "to_pay": "A pagar: {amount} {link}",
        "until": "{name} en {lot}: pagado hasta las {at}.",
        "since": "{name} en {lot}: desde las {at}, sin fin.",
        "over": "{name} en {lot}: su tiempo termina a las {at}.",
        "how_long": "Indique el tiempo: EXTENDER 1H, EXTENDER 30M o EXTENDER 2 (horas), 24H como mucho.",
        "no_end": "{name} en {lot} no tiene fin: paga al salir, por el tiempo que se quede.",
        "extended": "{name} puede quedarse en {lot} hasta las {at}. No cuesta nada.",
        "pay_for_more": "{name} hasta las {at}: {amount}. Pague en {minutes} min, antes no se cobra nada: {link}",
        "ended": "{name} ha salido de {lot}, estancia {number}. ¿No ha sido usted? Avise al personal.",
        "pay_first": "Antes debe pagar {amount}: {link}",
        "goes_on": "Su estancia en {lot} sigue; escriba PARAR PARKING para terminarla.",
        "goes_on_gate": "Su estancia en {lot} sigue hasta que salga su coche.",
    },
}
#: Refusals by their code, where people speak another language than our errors.
REFUSALS = {
    "es": {
        "no_space": "No queda plaza libre para todo ese tiempo.",
        "overstay_unpaid": "Su tiempo ya ha terminado. Pague lo pendiente antes de seguir.",
        "session_over": "Esta estancia ha terminado.",
        "ends_at_the_gate": "Su estancia termina cuando salga el coche. Pague y vaya a la salida.",
        "payment_in_progress": "Hay un pago en curso. Espere un momento.",
        "not_valet_parked": "No tenemos ese coche.",
        "wrong_pin": "Ese PIN no es correcto.",
        "pin_locked": "Demasiados PIN incorrectos. Pregunte al personal.",
        "invalid_state": "Eso ya no es posible. Pregunte al personal.",
        "validation_error": "Eso no es posible. Pregunte al personal.",
    }
}


def say(name: str, asked: Asked, /, **values: Any) -> str:
    """The words of that name in the language of who asked."""
    return words.say(name, asked.language, WORDS, **values)


def refused_in_words(handler: Callable[[Asked], str]) -> Handler:
    """The handler, whose refusals are said in the language of who asked."""

    @wraps(handler)
    def answered(asked: Asked) -> str:
        try:
            return handler(asked)
        except DomainError as refusal:
            known = REFUSALS.get(asked.language, {}).get(refusal.code)
            if known is None:
                raise
            return known

    return answered
