"""The kinds of messages in the languages of people; in the default one `kinds` says it itself."""

from __future__ import annotations

from notifications.kinds import Kind

_SPANISH = {
    "account": ("Tu cuenta", "Accesos, contraseñas, y los códigos y enlaces que pediste."),
    "money": ("Pagos y reembolsos", "Lo que pagaste, tus recibos y lo que se te devuelve."),
    "tickets": ("Tus entradas", "Entradas, traspasos y tu turno en una lista de espera."),
    "events": ("Tus eventos", "Un evento tuyo es mañana, abre sus puertas o tiene noticias."),
    "changes": ("Cambios en tus eventos", "Un evento tuyo se aplaza o se cancela."),
    "food": ("Comida y tienda", "Tu pedido se acepta, está listo, va en camino o se rechaza."),
    "parking": ("Aparcamiento", "Tu reserva, el tiempo que se te acaba, tu coche."),
    "staff": ("La gestión del recinto", "Disputas, existencias, pagos y sistemas que no responden."),
}
IN_LANGUAGE = {"es": _SPANISH}


def of(kind: Kind, language: str) -> tuple[str, str]:
    """Label and description."""
    return IN_LANGUAGE.get(language, {}).get(kind.name, (kind.label, kind.description))
