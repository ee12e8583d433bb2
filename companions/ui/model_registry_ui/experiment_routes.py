"""The pages that change something about experiments and runs. `routes.py` takes them into its table."""

from model_registry_ui.pages import create, edit, experiment_edit
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
)
