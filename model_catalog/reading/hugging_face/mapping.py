"""From a record of Hugging Face to a model of the catalog."""

import base64
from datetime import datetime
from typing import Any

import orjson

from model_catalog.entries import Entry, JsonObject
from model_catalog.reading.custom_properties import text_property
from model_catalog.reading.licences import licence_name

_GENERATIVE = {
    "text-generation",
    "summarization",
    "translation",
    "text-to-image",
    "unconditional-image-generation",
    "image-to-image",
    "text-to-speech",
    "audio-to-audio",
}
_PREDICTIVE = {
    "text-classification",
    "image-classification",
    "zero-shot-classification",
    "audio-classification",
    "question-answering",
    "document-question-answering",
    "object-detection",
    "image-segmentation",
    "keypoint-detection",
    "feature-extraction",
    "image-feature-extraction",
    "fill-mask",
}
_LICENCE = "license:"
_READMES = ("README.md", "readme.md", "Readme.md", "README", "readme")
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="30" fill="#ffd21e"/>'
    '<path d="M20 26h4m16 0h4M20 38q12 14 24 0" fill="none" stroke="#3a3b45" stroke-width="4" stroke-linecap="round"/></svg>'
)
LOGO = f"data:image/svg+xml;base64,{base64.b64encode(_PICTURE.encode()).decode()}"


class RecordError(ValueError):
    """A record that cannot be a model."""


def readme_of(record: JsonObject) -> str | None:
    """The name of the file that describes the model, None if there is none."""
    siblings = record.get("siblings")
    names = [each.get("rfilename") for each in siblings if isinstance(each, dict)] if isinstance(siblings, list) else []
    return next((name for name in names if name in _READMES), None)


def to_entry(record: JsonObject, name: str, source_id: str, readme: str | None, now: str) -> Entry:
    """The model of a record. Raises RecordError.

    Args:
        record: As the server answers.
        name: Of the model, which is its id there.
        source_id: Which the model gets.
        readme: The text of its description, if there is one.
        now: Milliseconds since 1970, as text: the time of the sync.
    """
    tags = _texts(record.get("tags"))
    tasks = [*dict.fromkeys(task for key in ("task", "pipeline_tag") if (task := _text(record.get(key))))]
    card = _card(record)
    times = {
        "createTimeSinceEpoch": _time(record.get("createdAt"), now),
        "lastUpdateTimeSinceEpoch": _time(record.get("lastModified"), now),
    }
    licence, link = _licence(tags, card)
    item: JsonObject = {
        "description": _text(card.get("description")),
        "language": _languages(card.get("language")),
        "libraryName": _text(record.get("library_name")) or _text(card.get("library_name")),
        "license": licence,
        "licenseLink": link,
        "provider": _text(record.get("author")),
        "readme": readme,
        "tasks": tasks,
    }
    shown = {key: value for key, value in item.items() if value}
    shown |= {"name": name, "externalId": name, "source_id": source_id, "logo": LOGO, **times}
    shown["customProperties"] = _custom_properties(record, tags, tasks, now)
    artifact = {
        "artifactType": "model-artifact",
        "externalId": name,
        "name": f"{name}-hf-artifact",
        "uri": f"hf://{name}",
        **times,
    }
    return Entry(shown, [artifact])


def _custom_properties(record: JsonObject, tags: list[str], tasks: list[str], now: str) -> JsonObject:
    given = record.get("config")
    config: JsonObject = given if isinstance(given, dict) else {}
    other_tags = [tag for tag in tags if not tag.startswith(_LICENCE)]
    architectures = _texts(config.get("architectures"))
    texts = {
        "model_type": _model_type(tasks),
        "hf_private": str(record.get("private") is True).lower(),
        "hf_gated": _gated(record.get("gated")),
        "last_synced": now,
    }
    if other_tags:
        texts["hf_tags"] = orjson.dumps(other_tags).decode()
    if architectures:
        texts["hf_architectures"] = orjson.dumps(architectures).decode()
    if _text(config.get("model_type")):
        texts["hf_model_type"] = config["model_type"]
    return {key: text_property(value) for key, value in texts.items()}


def _model_type(tasks: list[str]) -> str:
    if any(task in _GENERATIVE for task in tasks):
        return "generative"
    return "predictive" if any(task in _PREDICTIVE for task in tasks) else "unknown"


def _gated(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, bool | str):
        raise RecordError("its gated is neither true, false nor a text")
    return str(value).lower() if isinstance(value, bool) else value


def _card(record: JsonObject) -> JsonObject:
    """The head of the readme: flat, as Hugging Face sends it, or below `data`, which counts first."""
    card = record.get("cardData")
    if not isinstance(card, dict):
        return {}
    nested = card.get("data")
    return card | nested if isinstance(nested, dict) else card


def _licence(tags: list[str], card: JsonObject) -> tuple[str, str]:
    """The licence and its link. A licence of the card that is an address is a link."""
    tagged = next((tag.removeprefix(_LICENCE) for tag in tags if tag.startswith(_LICENCE)), "")
    written = _text(card.get("license"))
    is_link = written.startswith(("http://", "https://"))
    link = _text(card.get("license_link")) or (written if is_link else "")
    licence = tagged or ("" if is_link else written)
    if licence == "other":
        licence = _text(card.get("license_name")) or licence
    return licence_name(licence), link if link.startswith(("http://", "https://")) else ""


def _languages(value: Any) -> list[str]:
    return [value] if isinstance(value, str) and value else _texts(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def _time(value: Any, now: str) -> str:
    """Milliseconds of a time such as 2024-02-03T04:05:06.000Z; other values count as now."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return now
    return str(round(moment.timestamp() * 1000)) if moment.tzinfo else now
