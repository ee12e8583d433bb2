"""What the sources files say: the sources, the labels and the named queries of a catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_catalog.entries import AssetType, JsonObject

from .patterns import Patterns


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One source, merged over all files.

    Attributes:
        id: Unique in a catalog.
        asset_type: Which of the two lists of sources it stands in.
        name: For people; may be empty.
        enabled: Otherwise nothing of it is read.
        labels: Texts by which clients choose sources.
        type: `yaml`, `hf` or what the file says; None if it says nothing.
        properties: What its type needs.
        included: Patterns of names as written, None if not given.
        excluded: Likewise.
        declared_asset_type: `assetType` of the file, which answers repeat.
        directory: Of the file that gave the properties; relative paths begin here.
        place: File and line, for messages.
        error: What is wrong with the source itself; None if it can be read.
        notice: What is wrong around it in the sources files, while the source itself can be read; None if nothing is.
    """

    id: str
    asset_type: AssetType
    name: str = ""
    enabled: bool = True
    labels: Sequence[str] = ()
    type: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    included: Sequence[str] | None = None
    excluded: Sequence[str] | None = None
    declared_asset_type: str | None = None
    directory: Path = Path()
    place: str = ""
    error: str | None = None
    notice: str | None = None

    @property
    def patterns(self) -> Patterns:
        """Which names of the source are taken, with the old list `properties.excludedModels`."""
        old = self.properties.get("excludedModels") if self.type == "yaml" else None
        older = [pattern for pattern in old if isinstance(pattern, str)] if isinstance(old, list) else []
        return Patterns(self.included, [*(self.excluded or ()), *older])

    def shown(self) -> JsonObject:
        """The source as `GET /sources` has it, without `status` and `error`."""
        shown: JsonObject = {"enabled": self.enabled, "id": self.id, "labels": [*self.labels], "name": self.name}
        if self.asset_type is AssetType.MCP_SERVERS:
            return shown | {"assetType": self.asset_type.value}
        if self.declared_asset_type is not None:
            shown["assetType"] = self.declared_asset_type
        if self.included is not None:
            shown["includedModels"] = [*self.included]
        if self.excluded is not None:
            shown["excludedModels"] = [*self.excluded]
        return shown


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A filter with a name.

    Attributes:
        name: By which clients ask for it.
        asset_type: What it filters.
        filters: The condition of each field: `{"operator": ..., "value": ...}` as written.
    """

    name: str
    asset_type: AssetType
    filters: Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the sources files say.

    Attributes:
        sources: By id, in the order of the files.
        labels: As written, in the order of the files. Those without `assetType` are for models.
        named_queries: By name.
        errors: A sentence for each file that cannot be read, and for each entry that is not used, with file and line.
    """

    sources: Mapping[str, SourceSettings]
    labels: Sequence[JsonObject] = ()
    named_queries: Mapping[str, NamedQuery] = field(default_factory=dict)
    errors: Sequence[str] = ()
