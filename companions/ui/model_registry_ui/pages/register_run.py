"""Registering a run: a version with the parameters and last metrics of the run as properties, and with chosen artifacts of it."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from model_registry_client.entities import (
    Artifact,
    DataSet,
    DocArtifact,
    ExperimentRun,
    Metric,
    ModelArtifact,
    ModelVersion,
    Parameter,
)
from model_registry_client.states import ParameterType
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.artifact_kinds import kind_of
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms import registration
from model_registry_ui.forms.draft import PROPERTIES, About
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.registration import GROUPS, MODEL_NAME, Made, Plan
from model_registry_ui.forms.sent import ADD_ROW, Sent, unpacked
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.experiment import way_to_run
from model_registry_ui.pages.register import Offered, Sheet, choose, form, found_or_created, rules_of, taken
from model_registry_ui.properties import Kind, PropertyRow, from_rows

RUN_ID = "experiment_run_id"
"""The property of a version with the id of its run."""
_MOST_ARTIFACTS = "1000"
_UNPROCESSABLE = 422
_KINDS = {ParameterType.BOOLEAN: Kind.YES_NO, ParameterType.OBJECT: Kind.JSON}
_TRUTHS = {"true": "yes", "false": "no"}


async def show(page: PageRequest) -> Response:
    """The form, filled with what the run has."""
    found, artifacts = await asyncio.gather(
        page.api.get(ExperimentRun, page.id),
        page.api.page(Artifact, f"{ExperimentRun.collection}/{page.id}/artifacts", pageSize=_MOST_ARTIFACTS),
    )
    await require_change(page)
    run = found.entity
    offered = list(_offered(artifacts.items))
    about = About(run.name, await way_to_run(page, run))
    typed = {"version-name": run.name, "version-author": (await page.access()).user or run.owner or ""}
    chosen = tuple(one.value for one in offered)
    plan = Plan(typed, (*_rows(artifacts.items), PropertyRow()), chosen=chosen)
    return await form(page, plan, _sheet(page, about, offered))


async def change(page: PageRequest) -> Response:
    """Creates what does not exist yet, or shows what is wrong and what exists."""
    sent = Sent(await page.form())
    plan, about = await page.apart(Plan.of_form, sent), await page.apart(About.of, page, sent)
    offered = await page.apart(_of_form, sent)
    sheet = _sheet(page, about, offered)
    if sent.changes_rows:
        return await form(page, plan, sheet, focused_row=len(plan.rows) - 1 if sent.text("do") == ADD_ROW else -1)
    if (answer := await choose(page, sent, plan, lambda page, _: _sheet(page, about, offered))) is not None:
        return answer
    read = await page.apart(registration.bodies, plan, await rules_of(page), has_files=False)
    if read.errors:
        return await form(page, plan, sheet, Failure(_UNPROCESSABLE, errors=dict(read.errors)))
    step = "model"
    try:
        if plan.model is None:
            plan = replace(plan, model=await found_or_created(page, read.bodies["model"]))
        step = "version"
        if plan.version is None and plan.model is not None:
            body = {**read.bodies["version"], "registeredModelId": plan.model.id}
            body[PROPERTIES] = {RUN_ID: _whole(page.id), **(body.get(PROPERTIES) or {})}
            version = (await page.api.create(ModelVersion, body)).entity
            plan = replace(plan, version=Made(version.id, version.name, is_new=True))
        step = "artifacts"
        for value in plan.chosen:
            if value not in plan.attached and plan.version is not None:
                await _attach(page, plan.version.id, value)
                plan = replace(plan, attached=(*plan.attached, value))
    except (ApiError, Unreachable) as error:
        failed = failure(page, error, GROUPS.get(step, ()))
        links = await taken(page, plan, step) if failed.is_taken else ()
        return await form(page, plan, sheet, failed, links=links)
    version_id = plan.version.id if plan.version else ""
    return page.redirect(page.url("version", version_id), Notice(Said.RUN_REGISTERED))


def _sheet(page: PageRequest, about: About, offered: Sequence[Offered]) -> Sheet:
    return Sheet(
        title=f"Register the run {about.name}",
        way=about.way,
        back=page.url("run", page.id),
        model=(MODEL_NAME,),
        has_files=False,
        offered=offered,
        section="experiments",
        about=about.packed(),
        chooses=True,
    )


async def _attach(page: PageRequest, version_id: str, value: str) -> None:
    type_, _, id_ = value.partition("/")
    await page.api.create(
        Artifact, {"artifactType": type_, "id": id_}, f"{ModelVersion.collection}/{version_id}/artifacts"
    )


def _offered(artifacts: Sequence[Any]) -> Iterator[Offered]:
    for one in artifacts:
        if isinstance(one, ModelArtifact | DataSet | DocArtifact):
            yield Offered(f"{one.artifact_type}/{one.id}", one.name, kind_of(one), one.uri or "")


def _of_form(sent: Sent) -> list[Offered]:
    """The artifacts to choose from, as the form has carried them."""
    try:
        return [Offered(*map(str, one)) for one in unpacked(sent.text("_offered") or "[]")]
    except (ValueError, TypeError, RecursionError):
        return []


def _rows(artifacts: Sequence[Any]) -> Iterator[PropertyRow]:
    """The parameters and last metrics as rows. Of two with one name the metric counts."""
    rows: dict[str, PropertyRow] = {}
    for one in artifacts:
        if isinstance(one, Parameter) and one.name:
            row = _row(one)
            rows[one.name] = replace(row, kind=Kind.TEXT) if from_rows([row]).errors else row
    for one in artifacts:
        if isinstance(one, Metric) and one.name and one.value is not None:
            rows[one.name] = PropertyRow(one.name, Kind.DECIMAL, repr(float(one.value)))
    yield from (row for _, row in sorted(rows.items()))


def _row(parameter: Parameter) -> PropertyRow:
    text = parameter.value or ""
    if parameter.parameter_type is ParameterType.NUMBER:
        is_whole = text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()
        return PropertyRow(parameter.name, Kind.WHOLE if is_whole else Kind.DECIMAL, text)
    kind = _KINDS.get(parameter.parameter_type, Kind.TEXT) if parameter.parameter_type else Kind.TEXT
    return PropertyRow(parameter.name, kind, _TRUTHS.get(text.lower(), text) if kind is Kind.YES_NO else text)


def _whole(number: str) -> dict[str, str]:
    return {"metadataType": "MetadataIntValue", "int_value": number}
