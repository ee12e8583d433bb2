"""The pages that change something about experiments and runs. `routes.py` takes them into its table."""

from model_registry_ui.pages import create, edit, experiment_edit, labels, run_end, states
from model_registry_ui.pages.states import ARCHIVED, LIVE
from model_registry_ui.routing import PageRoute

EXPERIMENT_FORM_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/experiments/new", "experiment_new", create.show(create.EXPERIMENT), create.change(create.EXPERIMENT)),
    PageRoute("/experiments/{id}/runs/new", "run_new", create.show(create.RUN), create.change(create.RUN)),
    PageRoute(
        "/experiments/{id}/edit",
        "experiment_edit",
        edit.show(experiment_edit.EXPERIMENT),
        edit.change(experiment_edit.EXPERIMENT),
    ),
    PageRoute(
        "/experiments/{id}/undo", "experiment_undo", edit.to("experiment"), edit.undo(experiment_edit.EXPERIMENT)
    ),
    PageRoute("/runs/{id}/edit", "run_edit", edit.show(experiment_edit.RUN), edit.change(experiment_edit.RUN)),
    PageRoute("/runs/{id}/undo", "run_undo", edit.to("run"), edit.undo(experiment_edit.RUN)),
    PageRoute(
        "/experiments/{id}/archive",
        "experiment_archive",
        states.show(states.EXPERIMENT, ARCHIVED),
        states.change(states.EXPERIMENT, ARCHIVED),
    ),
    PageRoute(
        "/experiments/{id}/restore",
        "experiment_restore",
        states.show(states.EXPERIMENT, LIVE),
        states.change(states.EXPERIMENT, LIVE),
    ),
    PageRoute(
        "/experiments/{id}/labels",
        "experiment_labels",
        labels.show(states.EXPERIMENT, "experiment_labels"),
        labels.change(states.EXPERIMENT, "experiment_labels"),
    ),
    PageRoute(
        "/runs/{id}/archive", "run_archive", states.show(states.RUN, ARCHIVED), states.change(states.RUN, ARCHIVED)
    ),
    PageRoute("/runs/{id}/restore", "run_restore", states.show(states.RUN, LIVE), states.change(states.RUN, LIVE)),
    PageRoute(
        "/runs/{id}/labels",
        "run_labels",
        labels.show(states.RUN, "run_labels"),
        labels.change(states.RUN, "run_labels"),
    ),
    PageRoute("/runs/{id}/end", "run_end", run_end.show, run_end.change),
)
