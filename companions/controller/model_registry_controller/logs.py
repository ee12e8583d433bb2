"""The log: JSON lines as the zap library of Go writes them, or lines for people."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from model_registry_controller.kubernetes.connection import ConfigurationError
from model_registry_controller.settings.reading import Settings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "error": logging.ERROR, "panic": logging.CRITICAL}
_ENCODERS = frozenset({"", "json", "console"})
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TIMES: dict[str, Callable[[float], object]] = {
    "epoch": lambda seconds: seconds,
    "millis": lambda seconds: seconds * 1e3,
    "nano": lambda seconds: seconds * 1e9,
    "iso8601": lambda seconds: _utc(seconds, "milliseconds"),
    "rfc3339": lambda seconds: _utc(seconds, "seconds"),
    "rfc3339nano": lambda seconds: _utc(seconds, "microseconds"),
}


def set_up(settings: Settings) -> None:
    """Sets up the log. Raises `ConfigurationError` if a flag has a value that does not exist."""
    is_devel = settings.flag("zap-devel")
    level = _level(settings.text("zap-log-level"), logging.DEBUG if is_devel else logging.INFO, "zap-log-level")
    traces = _level(settings.text("zap-stacktrace-level"), logging.ERROR, "zap-stacktrace-level")
    _check("zap-encoder", settings.text("zap-encoder"), _ENCODERS)
    _check("zap-time-encoding", settings.text("zap-time-encoding"), frozenset(_TIMES))
    is_json = (settings.text("zap-encoder") or ("console" if is_devel else "json")) == "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(settings.text("zap-time-encoding"), traces, is_json=is_json))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("asyncio", "httpx", "httpcore", "model_registry_client"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Lines(logging.Formatter):
    """Writes a record as one line.

    Args:
        time_encoding: How the time looks.
        traces: The level from which errors have a stack trace.
        is_json: Whether the line is JSON.
    """

    def __init__(self, time_encoding: str, traces: int, *, is_json: bool = True) -> None:
        super().__init__()
        self._time, self._traces, self._is_json = _TIMES[time_encoding], traces, is_json

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record."""
        fields: dict[str, Any] = {
            "level": "warn" if record.levelno == logging.WARNING else record.levelname.lower(),
            "ts": self._time(record.created),
            "logger": record.name.removeprefix("model_registry_controller."),
            "msg": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        if record.exc_info and record.exc_info[1]:
            fields["error"] = repr(record.exc_info[1])
            if record.levelno >= self._traces:
                fields["stacktrace"] = self.formatException(record.exc_info)
        if self._is_json:
            return json.dumps(fields, default=str)
        rest = {name: value for name, value in fields.items() if name not in {"level", "ts", "logger", "msg"}}
        head = f"{fields['ts']}\t{fields['level'].upper()}\t{fields['logger']}\t{fields['msg']}"
        return f"{head}\t{json.dumps(rest, default=str)}" if rest else head


def _level(text: str, default: int, flag: str) -> int:
    if not text:
        return default
    if text.isascii() and text.isdigit():
        return logging.DEBUG if int(text) else logging.INFO
    _check(flag, text, frozenset(_LEVELS))
    return _LEVELS[text]


def _check(flag: str, value: str, allowed: frozenset[str]) -> None:
    if value not in allowed:
        raise ConfigurationError(f"--{flag} must be one of {', '.join(sorted(filter(None, allowed)))}; got {value!r}.")


def _utc(seconds: float, exactness: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=exactness).replace("+00:00", "Z")
