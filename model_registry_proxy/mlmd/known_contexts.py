"""A memory of contexts: their type, and the stored name that they had when they were last read.

MLMD never deletes a context and never changes its type, so these facts stay true. A client of MLMD's gRPC may change a name: code
that uses a remembered name must be safe against that (see `store.MetadataStore.put_below`).
"""

import logging

from converters._generated.metadata_store_pb2 import Context
from model_registry_proxy.mlmd.port import KnownContext

_log = logging.getLogger(__name__)
_MOST = 16_384


class KnownContexts:
    """At most `_MOST` contexts. Two ids never share a remembered name: the newer one is kept."""

    def __init__(self) -> None:
        self._by_id: dict[int, KnownContext] = {}
        self._by_name: dict[tuple[int, str], int] = {}

    def get(self, id_: int) -> KnownContext | None:
        """Returns what is remembered of a context."""
        return self._by_id.get(id_)

    def named(self, type_id: int, name: str) -> int | None:
        """Returns the id of the context of this type that had this stored name when it was last read."""
        return self._by_name.get((type_id, name))

    def remember(self, *nodes: Context) -> None:
        """Stores the facts of contexts that were just read."""
        for node in nodes:
            known = KnownContext(node.id, node.type_id, node.name)
            if self._by_id.get(known.id) != known:
                self._store(known)

    def _store(self, known: KnownContext) -> None:
        if len(self._by_id) >= _MOST:
            self._by_id.clear()
            self._by_name.clear()
        self.forget(known.id)
        former = self._by_name.get(known[1:])
        if former is not None:
            self.forget(former)
        self._by_id[known.id] = known
        self._by_name[known[1:]] = known.id

    def confirm(self, known: KnownContext, id_: int | None) -> None:
        """Forgets a context if MLMD found another id by its remembered name; `id_` is `None` where MLMD did not say."""
        if id_ is not None and known.id != id_:
            _log.error("Context %d has lost its name %r to context %d.", known.id, known.name, id_)
            self.forget(known.id)

    def forget(self, id_: int) -> None:
        """Forgets a context, so that it is read when it is needed again."""
        known = self._by_id.pop(id_, None)
        if known:
            self._by_name.pop(known[1:], None)
