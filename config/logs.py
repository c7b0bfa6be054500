"""What is written down, and how; imported with the settings, so free of models."""

from logging import LogRecord
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied
from django.http.multipartparser import MultiPartParserError

# What was asked wrongly, or by the wrong person, is answered on the page: it is no mistake of ours.
_ANSWERED = (PermissionDenied, BadRequest, MultiPartParserError)


def without_trace(record: LogRecord) -> bool:
    """Of a request that was refused the log has one line: what was wrong with it, and where."""
    if record.exc_info and isinstance(record.exc_info[1], _ANSWERED):
        record.exc_info = None
    return True


def lines(level: str) -> dict[str, Any]:
    """Django's LOGGING: each event a line on standard error, from ``level`` on."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processor": structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
        "foreign_pre_chain": [
            structlog.contextvars.merge_contextvars,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_log_level,
        ],
    }
    # Ticks come twice a second; that they come is a metric, and only their failures are news.
    ticks = {
        name: {"level": level if level == "DEBUG" else "WARNING"}
        for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat")
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {
            "without_trace": {"()": "django.utils.log.CallbackFilter", "callback": without_trace}
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": ticks | {"django.request": {"filters": ["without_trace"]}},
    }


def configure() -> None:
    """structlog writes through the same lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
