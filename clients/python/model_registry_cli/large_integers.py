"""Finds the whole numbers in custom properties that Kubeflow's newest Python client cannot read, for `mr doctor`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from model_registry_client import notices, questions
from model_registry_client.addresses import is_offered
from model_registry_client.entities import ENTITIES, Artifact, InferenceService, ServeModel
from model_registry_client.errors import error_for

_PAGE_SIZE = 1000
_WORDS = {kind.artifact_type: kind.words for kind in ENTITIES if kind.artifact_type}


@dataclass(frozen=True)
class LargeInteger:
    """Such a number. `kind`, `id` and `name` identify the entity."""

    kind: str
    id: str
    name: str
    property: str
    value: str


def large_integers(http: httpx.Client, base: str) -> Iterator[LargeInteger]:
    """Yields all such numbers on a server. Raises `ApiError` or `RegistryError` if a page cannot be read. `base`: the base URL."""
    for kind in ENTITIES:
        if not kind.collection or (issubclass(kind, Artifact) and kind is not Artifact):  # one list has all artifacts
            continue
        if not is_offered(base, kind.collection):
            continue
        for item in _items(http, base + kind.collection):
            yield from _of(kind.words, item)
            if kind is InferenceService:
                for serve in _items(http, f"{base}{kind.collection}/{item['id']}/serves"):
                    yield from _of(ServeModel.words, serve)


def _of(words: str, item: Mapping[str, Any]) -> Iterator[LargeInteger]:
    kind = _WORDS.get(str(item.get("artifactType")), words)
    for name, value in notices.large_integers(item).items():
        yield LargeInteger(kind, str(item.get("id", "")), str(item.get("name", "")), name, str(value))


def _items(http: httpx.Client, url: str) -> Iterator[Mapping[str, Any]]:
    token = ""
    while True:
        params: dict[str, str | int] = {
            "pageSize": _PAGE_SIZE,
            "orderBy": "ID",
            **({"nextPageToken": token} if token else {}),
        }
        answer = http.get(url, params=params)
        if not answer.is_success:
            raise error_for(
                answer.status_code, answer.text, answer.reason_phrase, None, f"GET {answer.request.url.path}"
            )
        page = answer.json()
        yield from questions.items(page)
        token = page.get("nextPageToken") or ""
        if not token:
            return
