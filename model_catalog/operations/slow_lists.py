"""Runs operations: those that may take long in a thread, so that the other requests of the process go on.

At most two run in threads at a time. The others wait, and end there when the time of their request is over.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from converters.errors import RefusedError
from model_catalog.index.catalog import Catalog
from model_catalog.index.search import MOST_WORDS
from model_catalog.operations.lists import RELEVANCE, order_of
from model_catalog.operations.older import VERSION
from model_catalog.operations.operations import answer
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.http.api import Answer

_AT_A_TIME = 2
_SLOW = 0.005
"""Seconds. What takes less is quicker without a thread."""
_OF_A_WORD = 5e-7
"""Seconds for a word of `q` and an entry."""
_OF_A_RANK = 2e-6
"""Seconds for an entry in the order of how well it fits."""
_SHORT = 500
"""The characters of a filter of artifacts or tools that has few conditions."""
_PARTS = frozenset({"getAllModelArtifacts", "getAllModelPerformanceArtifacts", "findMCPServerTools"})


class Answers:
    """Answers checked requests."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "catalog-lists")

    async def answer(self, catalog: Catalog, call: Call, version: str) -> Answer:
        """The answer to a call of a version; raises `RegistryError` or `RefusedError`."""
        if not is_slow(catalog, call, version):
            return answer(catalog, call, version)
        running = asyncio.get_running_loop().run_in_executor(self._threads, answer, catalog, call, version)
        return await running


def is_slow(catalog: Catalog, call: Call, version: str) -> bool:
    """Whether the answer to a call may take longer than a few milliseconds."""
    asked = call.query
    text, q, named = asked.get("filterQuery", ""), asked.get("q", ""), asked.get("namedQuery")
    if call.operation_id in _PARTS:
        return len(text) > _SHORT
    if not (text or q or named):
        return False
    table = catalog.servers if call.operation_id == "findMCPServers" else catalog.models
    words = min(len(q.split()), MOST_WORDS)
    order = asked.get("orderBy", "") if version == VERSION else order_of(asked)
    of_entry = words * _OF_A_WORD + (_OF_A_RANK if words and order == RELEVANCE else 0)
    try:
        return len(table) * of_entry + table.seconds(text, named) > _SLOW
    except RefusedError:
        return False
