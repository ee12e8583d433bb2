"""What the sources file says of a source of type `hf`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model_catalog.entries import SourceError
from model_catalog.reading.checks import FieldError, kind_of, text
from model_catalog.reading.patterns import Patterns
from model_catalog.reading.settings import SourceSettings

TYPES = ("hf", "huggingface")
_URL = "https://huggingface.co"
_KEY_VARIABLE = "HF_API_KEY"
_DAY = 24 * 3600.0
_SHORTEST_INTERVAL = 1.0
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")
_ORGANISATION = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class HubSource:
    """A source of type `hf`.

    Attributes:
        url: Of the server, without a slash at its end.
        key_variable: The environment variable with the key.
        included: Patterns of models, each with its organisation.
        patterns: Which of the models found are taken.
        max_models: How many models each pattern gives at most; 0 for all.
        interval: Seconds between two syncs.
    """

    url: str
    key_variable: str
    included: Sequence[str]
    patterns: Patterns
    max_models: int
    interval: float


def hub_source(source: SourceSettings) -> HubSource:
    """Reads the properties of a source. Raises SourceError with what would work."""
    if source.error is not None:
        raise SourceError(source.error)
    try:
        return _read(source)
    except FieldError as error:
        raise SourceError(f"{source.place}: source {source.id!r}: {error}") from None


def _read(source: SourceSettings) -> HubSource:
    included, excluded = source.included, source.excluded or ()
    organisation = _text(source, "allowedOrganization", "")
    if organisation:
        if not _ORGANISATION.fullmatch(organisation):
            raise FieldError(f"allowedOrganization {organisation!r} is no name of an organisation")
        included = [f"{organisation}/{pattern.strip()}" for pattern in included or ["*"]]
        excluded = [f"{organisation}/{pattern.strip()}" for pattern in excluded]
    if not included:
        raise FieldError(
            "it includes no models; write such as includedModels: [acme/*], or properties.allowedOrganization: acme"
        )
    included = [pattern.strip() for pattern in included]
    for pattern in included:
        _check_pattern(pattern)
    return HubSource(
        url=_text(source, "url", _URL).rstrip("/"),
        key_variable=_text(source, "apiKeyEnvVar", _KEY_VARIABLE),
        included=included,
        patterns=Patterns(included, excluded),
        max_models=_whole_number(source.properties.get("maxModels", 0)),
        interval=_seconds(source.properties.get("syncInterval")),
    )


def _text(source: SourceSettings, name: str, otherwise: str) -> str:
    value = source.properties.get(name)
    try:
        return text(value).strip() or otherwise if value is not None else otherwise
    except FieldError as error:
        raise FieldError(f"properties.{name} {error}") from None


def _check_pattern(pattern: str) -> None:
    organisation, slash, name = pattern.partition("/")
    if "*" in organisation or (slash and not name) or not organisation:
        raise FieldError(
            f"the pattern {pattern!r} cannot be listed; Hugging Face lists one organisation, so write such as acme/* or acme/x-*"
        )


def _whole_number(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:  # noqa: PLR2004 - what a file needs
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FieldError(f"properties.maxModels must be a whole number, 0 for all models, but is {kind_of(value)}")
    return value


def _seconds(value: Any) -> float:
    """A duration such as `24h` or `1h30m`. What is no duration counts as a day, as in Kubeflow's catalog."""
    if not isinstance(value, str) or not re.fullmatch(f"(?:{_PART.pattern})+", value):
        return _DAY
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    return max(seconds, _SHORTEST_INTERVAL) if seconds else _DAY
