"""The table of routes: every page of the UI is a row here. A link to a page that has no row is left out."""

from model_registry_ui.pages import artifacts, guide, login, look, models, named, overview, search, version, versions
from model_registry_ui.routing import PageRoute

ROUTES: tuple[PageRoute, ...] = (
    PageRoute("/", "overview", overview.show),
    PageRoute("/models", "models", models.show_all),
    PageRoute("/models.csv", "models_csv", models.export_all),
    PageRoute("/models/{id}", "model", models.show),
    PageRoute("/models/{id}/versions.csv", "model_versions_csv", versions.export_of_model),
    PageRoute("/versions.csv", "versions_csv", versions.export_all),
    PageRoute("/models/{id}/versions", "model_versions", versions.show_of_model),
    PageRoute("/versions", "versions", versions.show_all),
    PageRoute("/versions/{id}", "version", version.show),
    PageRoute("/versions/{id}/artifacts", "version_artifacts", artifacts.show_of_version),
    PageRoute("/versions/{id}/use", "version_use", version.show_use),
    PageRoute("/artifacts", "artifacts", artifacts.show_all),
    PageRoute("/artifacts/{id}", "artifact", artifacts.show),
    PageRoute("/search", "search", search.show),
    PageRoute("/query-help", "query_help", guide.show_query_help),
    PageRoute("/about", "about", guide.show_about),
    PageRoute("/named/models", "named_models", named.models),
    PageRoute("/named/runs", "named_runs", named.runs),
    PageRoute("/named/deployments", "named_deployments", named.deployments),
    PageRoute("/login", "login", login.show, login.change, is_public=True),
    PageRoute("/logout", "logout", login.show_signed_out, login.sign_out, is_public=True),
    PageRoute("/look", "look", look.show, look.change),
)
