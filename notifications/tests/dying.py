"""A worker that is killed at one step of a delivery, once; afterwards it works as any other.

Run as `python -m notifications.tests.dying` it is `manage.py send_notifications`, and Celery takes it as application.
`DIE_AT` names the step, `DIE_ONCE` a file that marks that it happened.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from notifications import delivery  # noqa: E402
from notifications.channels.email import Email  # noqa: E402
from trufan.celery import app as app  # noqa: E402


def die() -> None:
    """kill -9 to this process, unless it happened already."""
    try:
        Path(os.environ["DIE_ONCE"]).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _before(run: Callable[..., Any]) -> Callable[..., Any]:
    def killed(*args: Any, **kwargs: Any) -> Any:
        die()
        return run(*args, **kwargs)

    return killed


def _after(run: Callable[..., Any]) -> Callable[..., Any]:
    def killed(*args: Any, **kwargs: Any) -> Any:
        result = run(*args, **kwargs)
        die()
        return result

    return killed


match os.environ.get("DIE_AT", ""):
    case "before_claim":
        delivery._claim = _before(delivery._claim)
    case "after_claim":
        Email.send = _before(Email.send)  # type: ignore[method-assign]
    case "after_taken":
        Email.send = _after(Email.send)  # type: ignore[method-assign]
    case "after_recorded":
        delivery._sent = _after(delivery._sent)

if os.environ.get("VISIBILITY_TIMEOUT"):
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "visibility_timeout": int(os.environ["VISIBILITY_TIMEOUT"]),
    }

if __name__ == "__main__":
    call_command("send_notifications")
