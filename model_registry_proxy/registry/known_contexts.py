"""What is remembered of contexts: that they exist, of which type they are, and the stored name they had when last read.

MLMD never deletes a context and never changes its type, so these two may be remembered for ever. A name may be changed by
somebody who speaks gRPC to MLMD; who uses a remembered one must be safe against that (see `verbs.create`).
"""

import logging
from typing import NamedTuple

from converters._generated.metadata_store_pb2 import Context
from converters.entity import Kind
from model_registry_proxy.mlmd.store import MetadataStore

_log = logging.getLogger(__name__)
_MOST = 16_384


class Known(NamedTuple):
    """A context's id, type and stored name."""

    id: int
    type_id: int
    name: str


class KnownContexts:
    """A bounded memory in front of the store. Two ids never share a remembered name: the newer knowledge wins."""

    def __init__(self, store: MetadataStore) -> None:
        self._store = store
        self._by_id: dict[int, Known] = {}
        self._by_name: dict[tuple[int, str], int] = {}

    def remember(self, node: Context) -> Known:
        """Notes what was just read."""
        known = Known(node.id, node.type_id, node.name)
        if self._by_id.get(node.id) == known:
            return known
        if len(self._by_id) >= _MOST:
            self._by_id.clear()
            self._by_name.clear()
        self.forget(node.id)
        former = self._by_name.get(known[1:])
        if former is not None:
            self.forget(former)
        self._by_id[node.id] = known
        self._by_name[known[1:]] = node.id
        return known

    def confirm(self, known: Known, id_: int | None) -> None:
        """Holds what is remembered against the id that MLMD found by the remembered name, where it has told that."""
        if id_ is not None and known.id != id_:
            _log.error("Context %d has lost its name %r to context %d.", known.id, known.name, id_)
            self.forget(known.id)

    def forget(self, id_: int) -> None:
        """Drops what is remembered of a context, so that the next question reads it."""
        known = self._by_id.pop(id_, None)
        if known:
            self._by_name.pop(known[1:], None)

    async def get(self, id_: int) -> Known | None:
        """The context of this id, from memory or from the store."""
        if known := self._by_id.get(id_):
            return known
        node = await self._store.get(Kind.CONTEXT, id_)
        return self.remember(node) if isinstance(node, Context) else None
