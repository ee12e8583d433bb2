"""The pages about deployments and lineage. `routes.py` takes them into its table."""

from model_registry_ui.pages import (
    bulk,
    create,
    deployment,
    deployment_changes,
    deployment_edit,
    deployment_new,
    deployments,
    edit,
    environments,
    history,
    lineage,
)
from model_registry_ui.routing import PageRoute

DEPLOYMENT_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/deployments", "deployments", deployments.show_all),
    PageRoute("/deployments.csv", "deployments_csv", deployments.export_all),
    PageRoute("/deployments/change", "deployments_bulk", bulk.show(bulk.DEPLOYMENTS), bulk.change(bulk.DEPLOYMENTS)),
    PageRoute("/deployments/new", "deployment_new", deployment_new.show, deployment_new.change),
    PageRoute(
        "/deployments/{id}/version",
        "deployment_version",
        deployment_changes.show_version,
        deployment_changes.change_version,
    ),
    PageRoute(
        "/deployments/{id}/state", "deployment_state", deployment_changes.show_state, deployment_changes.change_state
    ),
    PageRoute(
        "/deployments/{id}/serves/new",
        "deployment_serve",
        deployment_changes.show_serve,
        deployment_changes.record_serve,
    ),
    PageRoute(
        "/deployments/{id}/edit",
        "deployment_edit",
        edit.show(deployment_edit.SERVICE),
        edit.change(deployment_edit.SERVICE),
    ),
    PageRoute("/deployments/{id}/undo", "deployment_undo", edit.to("deployment"), edit.undo(deployment_edit.SERVICE)),
    PageRoute("/deployments/{id}", "deployment", deployment.show),
    PageRoute("/models/{id}/deployments.csv", "model_deployments_csv", deployments.export_of_model),
    PageRoute("/models/{id}/deployments", "model_deployments", deployments.show_of_model),
    PageRoute("/versions/{id}/deployments", "version_deployments", deployments.show_of_version),
    PageRoute("/models/{id}/lineage", "model_lineage", lineage.show_of_model),
    PageRoute("/versions/{id}/lineage", "version_lineage", lineage.show_of_version),
    PageRoute("/runs/{id}/lineage", "run_lineage", lineage.show_of_run),
    PageRoute("/environments.csv", "environments_csv", environments.export_all),
    PageRoute("/environments/{id}.csv", "environment_csv", environments.export_services),
    PageRoute("/environments", "environments", environments.show_all),
    PageRoute(
        "/environments/new", "environment_new", create.show(create.ENVIRONMENT), create.change(create.ENVIRONMENT)
    ),
    PageRoute(
        "/environments/{id}/edit",
        "environment_edit",
        edit.show(deployment_edit.ENVIRONMENT),
        edit.change(deployment_edit.ENVIRONMENT),
    ),
    PageRoute(
        "/environments/{id}/undo",
        "environment_undo",
        edit.to("environment"),
        edit.undo(deployment_edit.ENVIRONMENT),
    ),
    PageRoute("/environments/{id}", "environment", environments.show),
    PageRoute("/models/{id}/history", "model_history", history.show_of_model),
    PageRoute("/versions/{id}/history", "version_history", history.show_of_version),
    PageRoute("/runs/{id}/history", "run_history", history.show_of_run),
    PageRoute("/deployments/{id}/history", "deployment_history", history.show_of_deployment),
)
