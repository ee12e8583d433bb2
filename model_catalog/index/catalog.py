"""One state of everything that the catalog holds. A change makes another `Catalog`; what did not change is shared."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import is_
from typing import cast

from model_catalog.entries import AssetType, Entry, JsonObject, Status
from model_catalog.reading.settings import NamedQuery, Settings, SourceSettings

from .identifiers import ServerKey, first_id, server_ids
from .segment import MODELS, SERVERS, Segment, model_segment, server_segment
from .table import Table

_NO_LABEL = "null"
Kept = Segment | Sequence[Entry]
"""What a source holds: its models ready for the index, or its entries."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source and how its last load ended.

    Attributes:
        settings: What the sources files say.
        status: None before its first load.
        error: What went wrong, for people; None if nothing did.
    """

    settings: SourceSettings
    status: Status | None = None
    error: str | None = None

    def shown(self) -> JsonObject:
        """The source as answers have it. Before the first load it has neither status nor error."""
        shown = self.settings.shown()
        return shown if self.status is None else {**shown, "status": self.status.value, "error": self.problem}

    @property
    def problem(self) -> str | None:
        """All that is wrong: with the last load, and around the source in the sources files. None if nothing is."""
        return " ".join(filter(None, (self.error, self.settings.notice))) or None


@dataclass(frozen=True)
class Catalog:
    """One state of the catalog.

    Attributes:
        settings: What the sources files say.
        sources: All sources, also disabled ones and those with an error, in the order of the files.
        models: All models.
        servers: All MCP servers.
    """

    settings: Settings
    sources: Sequence[SourceState]
    models: Table
    servers: Table
    _served: Mapping[str, Sequence[Entry]] = field(default_factory=dict, repr=False)

    @classmethod
    def empty(cls) -> "Catalog":
        """A catalog without sources."""
        return cls(Settings({}), (), Table(MODELS), Table(SERVERS))

    @property
    def labels(self) -> Sequence[JsonObject]:
        """The labels, as the sources files have them."""
        return self.settings.labels

    @property
    def named_queries(self) -> Mapping[str, NamedQuery]:
        """The named queries."""
        return self.settings.named_queries

    def source(self, source_id: str) -> SourceState | None:
        """A source, None if there is none of this id."""
        return next((state for state in self.sources if state.settings.id == source_id), None)

    def table(self, asset_type: AssetType) -> Table:
        """The entries of a kind."""
        return self.models if asset_type is AssetType.MODELS else self.servers

    def sources_with(self, labels: Collection[str], asset_type: AssetType) -> frozenset[str]:
        """The ids of the enabled sources that have one of some labels, in any case; `null` stands for sources without labels."""
        wanted = {label.lower() for label in labels}
        return frozenset(
            settings.id
            for settings in self.settings.sources.values()
            if settings.enabled
            and settings.asset_type is asset_type
            and wanted & ({label.lower() for label in settings.labels} or {_NO_LABEL})
        )

    def with_settings(self, settings: Settings, kept: Collection[str] = ()) -> "Catalog":
        """The catalog after a change of the sources files.

        Args:
            settings: The new ones.
            kept: Ids of the sources whose entries, status and error stay; the others lose them.
        """
        former = {state.settings.id: state for state in self.sources if state.settings.id in kept}
        states = [_state(each, former.get(each.id)) for each in settings.sources.values()]
        staying = {state.settings.id for state in states if state.settings.id in former}
        models = [segment for segment in self.models.segments if segment.source_id in staying]
        served = {source_id: entries for source_id, entries in self._served.items() if source_id in staying}
        changed = replace(self, settings=settings, sources=tuple(states), _served=served)
        servers = self.servers.segments if len(served) == len(self._served) else self._server_segments(served)
        return changed._with_tables(models, servers)  # noqa: SLF001

    def with_source(
        self, source_id: str, kept: Kept | None, status: Status | None, error: str | None = None
    ) -> "Catalog":
        """The catalog after a load of a source.

        Args:
            source_id: One that the settings have; another changes nothing.
            kept: Its entries, or the segment of its models, which replace all of before; None if those stay.
            status: How the load ended.
            error: What went wrong, for people.
        """
        state = self.source(source_id)
        if state is None:
            return self
        states = tuple(replace(each, status=status, error=error) if each is state else each for each in self.sources)
        changed = replace(self, sources=states)
        if kept is None:
            return changed
        if state.settings.asset_type is AssetType.MCP_SERVERS:
            served = {**self._served, source_id: cast("Sequence[Entry]", kept)}
            changed = replace(changed, _served=served)
            return changed._with_tables(self.models.segments, self._server_segments(served))  # noqa: SLF001
        others = [segment for segment in self.models.segments if segment.source_id != source_id]
        segment = kept if isinstance(kept, Segment) else model_segment(source_id, kept)
        return changed._with_tables([*others, segment], self.servers.segments)  # noqa: SLF001

    def _with_tables(self, models: Sequence[Segment], servers: Sequence[Segment]) -> "Catalog":
        """The catalog with other tables, ready for questions. A table of the same content stays."""
        in_order = sorted(models, key=lambda segment: (first_id(segment.source_id), segment.source_id))
        by_source = sorted(servers, key=lambda segment: segment.source_id)
        return replace(
            self,
            models=self._changed(self.models, in_order, AssetType.MODELS),
            servers=self._changed(self.servers, by_source, AssetType.MCP_SERVERS),
        )

    def _changed(self, table: Table, segments: Sequence[Segment], asset_type: AssetType) -> Table:
        queries = {name: query for name, query in self.named_queries.items() if query.asset_type is asset_type}
        is_same = len(segments) == len(table.segments) and all(map(is_, segments, table.segments))
        if is_same and queries == table.named_queries:
            return table
        changed = Table(table.kind, segments, queries)
        changed.prepare()
        return changed

    @staticmethod
    def _server_segments(served: Mapping[str, Sequence[Entry]]) -> list[Segment]:
        """Renders all servers: there are few, and an id may change where two have one hash."""
        keys: list[ServerKey] = [
            (source_id, entry.item["name"], entry.item.get("version", ""))
            for source_id, entries in served.items()
            for entry in entries
        ]
        ids = server_ids(keys)
        return [server_segment(source_id, entries, ids) for source_id, entries in served.items()]


def _state(settings: SourceSettings, former: SourceState | None) -> SourceState:
    if not settings.enabled:
        return SourceState(settings, Status.DISABLED)
    if settings.error:
        return SourceState(settings, Status.ERROR, settings.error)
    return SourceState(settings, former.status, former.error) if former else SourceState(settings)
