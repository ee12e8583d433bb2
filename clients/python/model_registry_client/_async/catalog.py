"""A model catalog: models that can be discovered and registered."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from model_registry_client._async.transport import AsyncTransport
from model_registry_client.catalogued import CatalogArtifact, CatalogModel, CatalogSource
from model_registry_client.errors import InvalidValue
from model_registry_client.questions import PAGE_SIZE, items

T = TypeVar("T")


class AsyncCatalog:
    """The catalog at the address of the registry. Each method raises `NotSupported` if there is none."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def sources(self) -> AsyncIterator[CatalogSource]:
        """Yields the sources of models by id, also those that are disabled or cannot be read."""
        async for source in self._list("/sources", {}, CatalogSource.from_wire):
            yield source

    async def models(
        self,
        *,
        source: str | None = None,
        text: str | None = None,
        filter_query: str | None = None,
        order_by: str | None = None,
        descending: bool = False,
    ) -> AsyncIterator[CatalogModel]:
        """Yields models, by name unless `order_by` says otherwise.

        Args:
            source: The id of a source; all sources without it.
            text: A text that name, description, provider, tasks, library or readme must have; case does not count.
            filter_query: A filter, such as `provider = "Acme" AND artifacts.ttft_p90 < 100`.
            order_by: `NAME`, `ID`, `CREATE_TIME`, `LAST_UPDATE_TIME`, `ACCURACY`, or a property with its kind, such as
                `size.int_value` or `artifacts.ttft_p90.double_value`.
            descending: Whether the highest comes first.

        Raises:
            Invalid: The filter or the order is not valid.
        """
        params = {
            "source": source,
            "q": text,
            "filterQuery": filter_query,
            "orderBy": order_by,
            "sortOrder": "DESC" if descending else "ASC",
        }
        async for model in self._list("/models", params, CatalogModel.from_wire):
            yield model

    async def model(self, source: str, name: str) -> CatalogModel:
        """Returns a model by the id of its source and its name. Raises `NotFound` if there is none."""
        return CatalogModel.from_wire(await self._transport.get_catalog(_path(source, name), {}))

    async def artifacts(self, source: str, name: str) -> AsyncIterator[CatalogArtifact]:
        """Yields the artifacts of a model in the order of its source. Raises `NotFound` if there is no such model."""
        async for artifact in self._list(f"{_path(source, name)}/artifacts", {}, CatalogArtifact.from_wire):
            yield artifact

    async def _list(self, path: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> AsyncIterator[T]:
        sent = {key: value for key, value in params.items() if value not in (None, "")} | {"pageSize": PAGE_SIZE}
        while True:
            page = await self._transport.get_catalog(path, sent)
            for item in items(page):
                yield read(item)
            if not page.get("nextPageToken"):
                return
            sent["nextPageToken"] = page["nextPageToken"]


def _path(source: str, name: str) -> str:
    if not source or not name:
        raise InvalidValue("A model of a catalog is named by the id of its source and its name; neither may be empty.")
    return f"/sources/{quote(source, safe='')}/models/{quote(name, safe='')}"
