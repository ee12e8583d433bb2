"""The pages about deployments and lineage. `routes.py` takes them into its table."""

from model_registry_ui.pages import deployment, deployments, environments, history, lineage
from model_registry_ui.routing import PageRoute

DEPLOYMENT_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/deployments", "deployments", deployments.show_all),
    PageRoute("/deployments/{id}", "deployment", deployment.show),
    PageRoute("/models/{id}/deployments", "model_deployments", deployments.show_of_model),
    PageRoute("/versions/{id}/deployments", "version_deployments", deployments.show_of_version),
    PageRoute("/models/{id}/lineage", "model_lineage", lineage.show_of_model),
    PageRoute("/versions/{id}/lineage", "version_lineage", lineage.show_of_version),
    PageRoute("/runs/{id}/lineage", "run_lineage", lineage.show_of_run),
    PageRoute("/environments", "environments", environments.show_all),
    PageRoute("/environments/{id}", "environment", environments.show),
    PageRoute("/models/{id}/history", "model_history", history.show_of_model),
    PageRoute("/versions/{id}/history", "version_history", history.show_of_version),
    PageRoute("/runs/{id}/history", "run_history", history.show_of_run),
    PageRoute("/deployments/{id}/history", "deployment_history", history.show_of_deployment),
)
