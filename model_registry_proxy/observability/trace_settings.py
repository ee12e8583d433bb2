"""Whether traces are on and where they are sent, by OpenTelemetry's own variables. OpenTelemetry is not imported here."""

import os
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from model_registry_proxy.configuration.settings import SettingsError

_EXPORTERS = "OTEL_TRACES_EXPORTER"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_BY_PROTOCOL = {"http/json": "otlp_json_http", "http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


def is_on() -> bool:
    """Whether traces are on: an exporter other than `none` is set, or the address of a collector."""
    if _read("OTEL_SDK_DISABLED").lower() == "true":
        return False
    exporters = _read(_EXPORTERS)
    return exporters != "none" if exporters else any(map(_read, _ENDPOINTS))


def check() -> None:
    """Raises `SettingsError` if traces are on and cannot be made or sent."""
    if is_on():
        exporters()


def exporters() -> list[EntryPoint]:
    """The exporters in `OTEL_TRACES_EXPORTER`, which is otlp if only an endpoint is set. Raises `SettingsError`."""
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        asking = next(name for name in (_EXPORTERS, *_ENDPOINTS) if _read(name))
        raise SettingsError(
            f"{asking} asks for traces, and OpenTelemetry is not installed: run pip install '.[otel]' in a checkout of the "
            f"server, or set {_EXPORTERS}=none."
        )
    installed = {point.name: point for point in entry_points(group="opentelemetry_traces_exporter")}
    named = [name.strip() for name in (_read(_EXPORTERS) or "otlp").split(",")]
    return [installed[_installed(name, list(installed))] for name in named if name != "none"]


def _installed(name: str, installed: list[str]) -> str:
    """The name of the installed exporter for a name: `otlp` means that of the protocol, or any OTLP exporter."""
    said = next(filter(None, map(_read, _PROTOCOLS)), "")
    wanted = [name]
    if name == "otlp":
        wanted = [_BY_PROTOCOL.get(said, said)] if said else list(_BY_PROTOCOL.values())
    for candidate in wanted:
        if candidate in installed:
            return candidate
    what = f"{name} over {said}" if name == "otlp" and said else name
    raise SettingsError(
        f"No exporter for traces is installed for {what}; installed: {', '.join(sorted(installed)) or 'none'}. "
        f"See {_EXPORTERS} and {_PROTOCOLS[-1]} (the extra `otel` brings http/json)."
    )


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()
