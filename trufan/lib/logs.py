"""Structured logs: JSON lines in production, readable lines on a laptop, both with the correlation id."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from trufan.lib import tracing

#: What must not stand in a log, wherever it came from: a database error quotes the row that it refused.
_PRIVATE = [
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\+\d{8,15}\b"), "[phone]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "[token]"),
    (re.compile(r"(?m)^DETAIL:.*$"), "DETAIL: [left out]"),
]


def leave_out_private(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask addresses, numbers and tokens in every text of the line, tracebacks included."""
    for key, value in line.items():
        if isinstance(value, str):
            for pattern, mask in _PRIVATE:
                value = pattern.sub(mask, value)
            line[key] = value
    return line


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `level` is a level's name, `json` picks the renderer, `cache` binds loggers once."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        tracing.into_log,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info if options["json"] else structlog.processors.ExceptionRenderer(),
        structlog.processors.UnicodeDecoder(),
        leave_out_private,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                # One access line of ours says what Django's would say twice.
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "WARNING"},
                "axes": {"level": "WARNING"},
                # What a task did, it says itself; that there is no broker is said at the start.
                "celery.app.trace": {"level": "WARNING"},
                "kombu.connection": {"level": "ERROR"},
                # It tells of every table of a font that a PDF takes along.
                "fontTools": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=options.get("cache", True),
    )
