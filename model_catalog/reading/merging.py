"""What several sources files say together: later files change fields of sources and queries of earlier ones, and add labels."""

from collections.abc import Iterable
from typing import Any

from model_catalog.entries import AssetType

from .named_queries import GivenQuery
from .settings import NamedQuery, Settings, SourceSettings
from .sources_file import GivenSource, SourcesFile
from .wording import quoted
from .yaml_values import Fields

_FIELDS = {
    "name": "name",
    "type": "type",
    "enabled": "enabled",
    "labels": "labels",
    "properties": "properties",
    "includedModels": "included",
    "excludedModels": "excluded",
    "includedServers": "included",
    "excludedServers": "excluded",
}
"""The fields that a later file replaces, and their names in `SourceSettings`."""


def merge(files: Iterable[SourcesFile]) -> Settings:
    """What the files say together, in their order."""
    merging = _Merging()
    for file in files:
        merging.add(file)
    queries = {name: _query(name, given) for name, given in merging.queries.items()}
    sources = {identifier: SourceSettings(**given) for identifier, given in merging.sources.items()}
    return Settings(sources, [{**label} for label in merging.labels.values()], queries, merging.errors)


class _Merging:
    def __init__(self) -> None:
        self.sources: dict[str, dict[str, Any]] = {}
        self.labels: dict[str | None, Fields] = {}
        self.queries: dict[str, GivenQuery] = {}
        self.errors: list[str] = []

    def add(self, file: SourcesFile) -> None:
        self.errors += file.errors
        for source in file.sources:
            self._add_source(source, file)
        for place, label in file.labels:
            if label["name"] in self.labels:
                self.errors.append(f"{place}: label {quoted(label['name'])} is there twice; the first one counts")
            else:
                self.labels[label["name"]] = label
        for name, query in file.queries.items():
            known = self.queries.get(name, GivenQuery(None, {}))
            self.queries[name] = GivenQuery(query.asset_type or known.asset_type, known.filters | query.filters)

    def _add_source(self, source: GivenSource, file: SourcesFile) -> None:
        known = self.sources.get(source.id)
        if known is None:
            known = self.sources[source.id] = {"id": source.id, "asset_type": source.asset_type, "place": source.place}
            known["declared_asset_type"] = source.given.get("assetType")
        elif known["asset_type"] != source.asset_type:
            self.errors.append(
                f"{source.place}: the id {quoted(source.id)} is used twice; the source at {known['place']} keeps it"
            )
            known["notice"] = known.get("notice") or f"{self.errors[-1]}."
            return
        known |= {_FIELDS[name]: value for name, value in source.given.items() if name in _FIELDS and value != ""}
        if "properties" in source.given:
            known["directory"] = file.path.parent
        known["error"] = known.get("error") or source.error
        known["notice"] = known.get("notice") or source.notice


def _query(name: str, given: GivenQuery) -> NamedQuery:
    return NamedQuery(name, given.asset_type or AssetType.MODELS, given.filters)
