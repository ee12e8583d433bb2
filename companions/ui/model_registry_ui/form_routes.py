"""The pages that change something about models, versions and artifacts. `routes.py` takes them into its table."""

from model_registry_ui.forms import choosing
from model_registry_ui.pages import bulk, edit, labels, name_check, new_artifact, register, register_run, states
from model_registry_ui.pages.states import ARCHIVED, LIVE
from model_registry_ui.routing import PageRoute

FORM_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/models/change", "models_bulk", bulk.show(bulk.MODELS), bulk.change(bulk.MODELS)),
    PageRoute("/versions/change", "versions_bulk", bulk.show(bulk.VERSIONS), bulk.change(bulk.VERSIONS)),
    PageRoute("/models/find", "model_find", choosing.show),
    PageRoute("/models/name", "model_name_check", name_check.model),
    PageRoute("/models/{id}/versions/name", "version_name_check", name_check.version),
    PageRoute("/models/new", "model_new", register.show_new, register.change),
    PageRoute("/models/{id}/versions/new", "model_version_new", register.show_version, register.change),
    PageRoute("/models/{id}/edit", "model_edit", edit.show(edit.MODEL), edit.change(edit.MODEL)),
    PageRoute(
        "/models/{id}/properties",
        "model_properties",
        edit.show(edit.MODEL_PROPERTIES),
        edit.change(edit.MODEL_PROPERTIES),
    ),
    PageRoute("/models/{id}/undo", "model_undo", edit.to("model"), edit.undo(edit.MODEL)),
    PageRoute("/versions/{id}/edit", "version_edit", edit.show(edit.VERSION), edit.change(edit.VERSION)),
    PageRoute(
        "/versions/{id}/properties",
        "version_properties",
        edit.show(edit.VERSION_PROPERTIES),
        edit.change(edit.VERSION_PROPERTIES),
    ),
    PageRoute("/versions/{id}/artifacts/new", "version_artifact_new", new_artifact.show, new_artifact.change),
    PageRoute("/runs/{id}/register", "run_register", register_run.show, register_run.change),
    PageRoute("/versions/{id}/undo", "version_undo", edit.to("version"), edit.undo(edit.VERSION)),
    PageRoute("/artifacts/{id}/edit", "artifact_edit", edit.show(edit.ARTIFACT), edit.change(edit.ARTIFACT)),
    PageRoute("/artifacts/{id}/undo", "artifact_undo", edit.to("artifact"), edit.undo(edit.ARTIFACT)),
    PageRoute(
        "/models/{id}/archive",
        "model_archive",
        states.show(states.MODEL, ARCHIVED),
        states.change(states.MODEL, ARCHIVED),
    ),
    PageRoute(
        "/models/{id}/restore", "model_restore", states.show(states.MODEL, LIVE), states.change(states.MODEL, LIVE)
    ),
    PageRoute(
        "/models/{id}/labels",
        "model_labels",
        labels.show(states.MODEL, "model_labels"),
        labels.change(states.MODEL, "model_labels"),
    ),
    PageRoute(
        "/versions/{id}/archive",
        "version_archive",
        states.show(states.VERSION, ARCHIVED),
        states.change(states.VERSION, ARCHIVED),
    ),
    PageRoute(
        "/versions/{id}/restore",
        "version_restore",
        states.show(states.VERSION, LIVE),
        states.change(states.VERSION, LIVE),
    ),
    PageRoute(
        "/versions/{id}/labels",
        "version_labels",
        labels.show(states.VERSION, "version_labels"),
        labels.change(states.VERSION, "version_labels"),
    ),
)
