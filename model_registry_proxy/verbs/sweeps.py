"""A sweep: all rows of a scan in one request, page by page of the store, up to the scan limit."""

from collections.abc import AsyncIterator

from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.listing import MOST_LISTED
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import matching
from model_registry_proxy.verbs.scans import Scan


class Sweep:
    """Reads the rows of a scan that the user may see and that pass its tests.

    `most` is the number of rows that are looked at, by default the scan limit. `is_complete` is known after `pages`: whether
    the scan ended before that.
    """

    def __init__(self, request: Request, scan: Scan, most: int | None = None) -> None:
        self._request, self._scan = request, scan
        self._most = most or request.limits.scan
        self.is_complete = False

    async def pages(self) -> AsyncIterator[list[tuple[Node, JsonObject]]]:
        """Yields the rows of each page of the store, each row as node and as entity."""
        position, scanned = None, 0
        while True:
            page = await self._request.store.list_nodes(self._scan.page(position, MOST_LISTED))
            yield await matching(self._request, self._scan, page.nodes)
            position = page.rest
            scanned += page.scanned
            if position is None:
                self.is_complete = True
                return
            if scanned >= self._most:
                return
