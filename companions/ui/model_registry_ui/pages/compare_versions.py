"""Versions side by side: facts, properties and artifacts."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from model_registry_client.entities import Artifact, ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.artifact_kinds import kind_of
from model_registry_ui.experiments.comparison import Content, Section, section
from model_registry_ui.experiments.contents import of_entity, of_properties
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import compare
from model_registry_ui.pages.compare import Compared, Kind
from model_registry_ui.rendering import utc

_FACTS = ("Model", "State", "Author", "Created", "Description", "External id")
_WITH_ARTIFACTS = 6
"""For more versions the artifacts are left out, unless they are asked for: each version takes a call."""


async def show(page: PageRequest) -> Response:
    """The page of a comparison."""
    return await compare.show(page, VERSIONS)


async def export(page: PageRequest) -> Response:
    """The whole comparison as CSV."""
    return await compare.export(page, VERSIONS)


async def _load(page: PageRequest, ids: Sequence[str]) -> Compared:
    has_artifacts = len(ids) <= _WITH_ARTIFACTS or page.parameter("artifacts") == "1"
    versions = await page.api.named(ModelVersion, ids)
    found = [versions[id_] for id_ in ids if id_ in versions]
    models, artifacts = await asyncio.gather(
        page.api.named(RegisteredModel, [one.registered_model_id for one in found]),
        asyncio.gather(*(_artifacts(page, one.id) for one in found if has_artifacts)),
    )
    parents = [model.name if (model := models.get(one.registered_model_id)) else "" for one in found]
    sections = await asyncio.to_thread(_sections, [_facts(page, one, models) for one in found], found, artifacts)
    notes = [] if has_artifacts else [f"Artifacts are compared for at most {_WITH_ARTIFACTS} versions at a time."]
    return Compared(found, parents, sections, notes)


def _sections(
    all_facts: Sequence[Mapping[str, Content]], found: Sequence[Any], artifacts: Sequence[Mapping[str, Content]]
) -> list[Section]:
    """The sections with rows. Thousands of properties take a while, so this runs in a thread of its own."""
    sections = [
        section("Facts", all_facts, _FACTS),
        section("Properties", [of_properties(one.custom_properties) for one in found]),
        section("Artifacts", artifacts),
    ]
    return [one for one in sections if one.rows]


def _facts(page: PageRequest, version: Any, models: Mapping[str, Any]) -> dict[str, Content]:
    model = models.get(version.registered_model_id)
    return of_entity(
        {
            "Model": Content(model.name, url=page.url("model", model.id)) if model else None,
            "State": version.state,
            "Author": version.author,
            "Created": utc(version.created),
            "Description": version.description,
            "External id": version.external_id,
        }
    )


async def _artifacts(page: PageRequest, version_id: str) -> dict[str, Content]:
    found = await page.api.page(Artifact, f"{ModelVersion.collection}/{version_id}/artifacts", pageSize="100")
    return {f"{kind_of(one)} {one.name}": _content(page, one) for one in found.items}


def _content(page: PageRequest, artifact: Any) -> Content:
    texts = [getattr(artifact, name, None) for name in ("uri", "value", "model_format_name", "model_format_version")]
    return Content(
        " ".join(str(text) for text in texts if text not in (None, "")), url=page.url("artifact", artifact.id)
    )


VERSIONS = Kind("Compare versions", "versions", "compare_versions", "version", "models", "models", _load)
