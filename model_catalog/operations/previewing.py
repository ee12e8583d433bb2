"""POST /sources/preview: what a source would show. Nothing is kept: what was uploaded is in memory until the answer is sent."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from model_catalog.entries import AssetType, JsonObject
from model_catalog.operations.keys import HUBS
from model_catalog.operations.preview_files import names_of, read_config
from model_catalog.reading.report import Report
from model_catalog.reading.settings import SourceSettings
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest, Unprocessable
from model_registry_proxy.http.api import Answer

_AT_A_TIME = 2
_PAGE_SIZE = 10


class Previews:
    """Answers previews. A few are read at a time.

    `folders` are those of the sources files. `hub_urls` are servers that a preview may use instead of Hugging Face.
    """

    def __init__(self, folders: Sequence[Path], hub_urls: Sequence[str] = ()) -> None:
        self._folders, self._hub_urls = tuple(dict.fromkeys(folders)), tuple(hub_urls)
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    async def answer(self, call: Call) -> Answer:
        """The answer to a request with the files `config` and, if it was sent, `catalogData`. Raises `Unprocessable`."""
        size = call.query.get("pageSize", _PAGE_SIZE)
        start = _position(call.query.get("nextPageToken", ""))
        report = Report()
        async with self._turns:
            source = await asyncio.to_thread(read_config, call.body["config"])
            names = await self._names(source, call.body.get("catalogData", b""), report)
        failures = report.failures if call.query.get("includeFailures") else None
        wanted = call.query.get("filterStatus", "all").lower()
        return HTTPStatus.OK, _page(names, source, wanted, start, size, failures)

    async def _names(self, source: SourceSettings, data: bytes, report: Report) -> list[str]:
        if source.type == "yaml":
            return await asyncio.to_thread(names_of, source, data, self._folders, report)
        if source.type in HUBS and source.asset_type is AssetType.MODELS:
            from model_catalog.operations.preview_hub import names_of_hub  # noqa: PLC0415 (httpx is large)

            return await names_of_hub(source, self._hub_urls)
        raise Unprocessable(f"failed to load models: unsupported source type: {source.type}")


def _page(
    names: Sequence[str], source: SourceSettings, wanted: str, start: int, size: int, failures: Sequence[str] | None
) -> JsonObject:
    patterns = source.patterns
    rows = [{"included": patterns.allow(name), "name": name} for name in names]
    included = sum(1 for row in rows if row["included"])
    shown = rows if wanted == "all" else [row for row in rows if row["included"] is (wanted == "included")]
    end = start + size
    page: JsonObject = {
        "items": shown[start:end],
        "nextPageToken": _token(end) if end < len(shown) else "",
        "pageSize": size,
        "size": len(shown[start:end]),
        "summary": {
            "excludedModels": len(rows) - included,
            "includedModels": included,
            "totalModels": len(rows),
        },
    }
    return page if failures is None else page | {"failures": list(failures)}


def _token(position: int) -> str:
    """The files come with each request, so a token is only the number of rows that were shown."""
    return urlsafe_b64encode(b"rows:%d" % position).decode()


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = urlsafe_b64decode(token.encode()).decode("ascii").partition(":")
        if word == "rows" and number.isdigit():
            return int(number)
    except (BadBase64, ValueError):
        pass
    raise BadRequest("invalid nextPageToken: it is no token of a preview")
