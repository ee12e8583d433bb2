"""The log on stderr, a line an event: text for people, or JSON for machines, each with the id of the request that it is about."""

import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar

import orjson

from model_registry_proxy.configuration.settings import LogFormat

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being served, for all that is logged meanwhile."""

FACTS: list[Callable[[], Mapping[str, str]]] = []
"""What else is to stand in each line of JSON; tracing adds the ids of trace and span."""


class TextFormatter(logging.Formatter):
    """Time, level, logger, message, and the request's id in brackets. No message can pretend to be several lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """As `logging` calls it."""
        if not record.message.isprintable():
            record.message = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in record.message)
        line = super().formatMessage(record)
        request = REQUEST.get()
        return f"{line} [{request}]" if request else line


class JsonFormatter(logging.Formatter):
    """One JSON object: `time` (RFC 3339, UTC), `level`, `logger`, `message`, `request_id`, `exception`, and `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        """As `logging` calls it."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST.get():
            line["request_id"] = request
        for facts in FACTS:
            line.update(facts())
        line.update(getattr(record, "facts", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode("utf-8", "replace")


def configure_logging(level: str, form: str = LogFormat.TEXT) -> None:
    """One line per event on stderr, from `level` (debug, info, warning, error) on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == LogFormat.JSON else TextFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLogger().level))
