"""The pages about deployments and lineage. `routes.py` takes them into its table."""

from model_registry_ui.pages import deployment, deployments, lineage
from model_registry_ui.routing import PageRoute

DEPLOYMENT_ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/deployments", "deployments", deployments.show_all),
    PageRoute("/deployments/{id}", "deployment", deployment.show),
    PageRoute("/models/{id}/deployments", "model_deployments", deployments.show_of_model),
    PageRoute("/versions/{id}/deployments", "version_deployments", deployments.show_of_version),
    PageRoute("/models/{id}/lineage", "model_lineage", lineage.show_of_model),
    PageRoute("/versions/{id}/lineage", "version_lineage", lineage.show_of_version),
    PageRoute("/runs/{id}/lineage", "run_lineage", lineage.show_of_run),
)
