"""The log on stderr: one line for each event, as text or as JSON, with the id of the request that it belongs to."""

import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar

import orjson

from model_registry_proxy.configuration.settings import LogFormat

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that this task serves; every line that it logs has the id."""

FACTS: list[Callable[[], Mapping[str, str]]] = []
"""Functions whose items are added to each JSON line; tracing adds the ids of trace and span."""


class TextFormatter(logging.Formatter):
    """Time, level, logger, message, and the id of the request in brackets. A message cannot break its line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """Formats a record as one line; signs that cannot be printed are escaped."""
        if not record.message.isprintable():
            record.message = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in record.message)
        line = super().formatMessage(record)
        request = REQUEST.get()
        return f"{line} [{request}]" if request else line


class JsonFormatter(logging.Formatter):
    """One JSON object: `time` (RFC 3339, UTC), `level`, `logger`, `message`, `request_id`, `exception`, and `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats a record as one JSON object without line breaks."""
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
