"""The OpenAPI document of the registry, from which forms take their rules. It is read again after a while."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from model_registry_ui.api import Api, ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.document_rules import FieldRules, fields_of

DOCUMENT = "/openapi.json"
SECONDS = 300.0
"""How long a document is used before it is read again."""


class Documents:
    """The document of one registry. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._document: Mapping[str, Any] = {}
        self._until = 0.0
        self._reading = asyncio.Lock()

    async def rules(self, api: Api, schema: str) -> Mapping[str, FieldRules]:
        """Returns the rules of a schema by the names of its fields. A server without a document has none."""
        if not self._document or self._clock() >= self._until:
            async with self._reading:
                if not self._document or self._clock() >= self._until:
                    await self._read(api)
        return fields_of(self._document, schema)

    async def _read(self, api: Api) -> None:
        try:
            document = json.loads((await api.raw(DOCUMENT)).body)
        except (ApiError, Unreachable, ValueError):
            return
        if isinstance(document, dict):
            self._document, self._until = document, self._clock() + SECONDS
