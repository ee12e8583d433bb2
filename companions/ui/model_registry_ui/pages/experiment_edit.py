"""The forms that change an experiment or a run: their fields and their custom properties."""

from model_registry_client.entities import Experiment, ExperimentRun

from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID, OWNER
from model_registry_ui.forms.editing import Editor, Surroundings
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import experiment, run

FIELDS = (OWNER, EXTERNAL_ID, DESCRIPTION)


async def _of_experiment(page: PageRequest, _: Experiment) -> Surroundings:
    return Surroundings(experiment.crumbs(page))


async def _of_run(page: PageRequest, found: ExperimentRun) -> Surroundings:
    return Surroundings(run.crumbs(page, await run.experiment_of(page, found)))


EXPERIMENT = Editor(
    kind=Experiment,
    words="Edit",
    page="experiment_edit",
    back="experiment",
    undo="experiment_undo",
    schema=lambda _: "ExperimentUpdate",
    fields=lambda _: FIELDS,
    surroundings=_of_experiment,
    has_properties=True,
    section="experiments",
)
RUN = Editor(
    kind=ExperimentRun,
    words="Edit",
    page="run_edit",
    back="run",
    undo="run_undo",
    schema=lambda _: "ExperimentRunUpdate",
    fields=lambda _: FIELDS,
    surroundings=_of_run,
    has_properties=True,
    section="experiments",
)
