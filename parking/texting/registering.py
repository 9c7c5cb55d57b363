"""The words that drivers write to us."""

from __future__ import annotations

from notifications.sms import commands
from parking.texting import stays, valet


def register() -> None:
    """Called once, when the app is ready."""
    commands.register(
        "READY",
        valet.ready,
        {"en": "READY: bring my car.", "es": "LISTO: traer mi coche."},
        {"LISTO": "es", "LISTA": "es"},
    )
    commands.register(
        "ETA",
        valet.eta,
        {
            "en": "ETA: when it is here; ETA 20: I come in 20 min.",
            "es": "CUANDO: tiempo de espera; ETA 20: voy en 20 min.",
        },
        {"CUANDO": "es", "CUÁNDO": "es"},
    )
    commands.register(
        "STATUS",
        stays.status,
        {"en": "STATUS: my cars.", "es": "ESTADO: mis coches."},
        {"ESTADO": "es"},
    )
    commands.register(
        "EXTEND",
        stays.extend,
        {"en": "EXTEND 1H: park longer.", "es": "EXTENDER 1H: seguir aparcado."},
        {"EXTENDER": "es"},
    )
    commands.register(
        "OUT",
        stays.out,
        {"en": "OUT: end my parking.", "es": "SALIR: terminar de aparcar."},
        {"SALIR": "es", "LEAVE": ""},
    )
    commands.register_instead("OUT", stays.means_parking, stays.goes_on)
