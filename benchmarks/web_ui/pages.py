"""The pages of the web UI as requests: every page of the table of routes, with ids of the seeded entities."""

from collections.abc import Iterator, Mapping, Sequence

from model_registry_ui.backend import Question
from model_registry_ui.options import MOUNT
from model_registry_ui.routes import ROUTES

from benchmarks.web_ui.registry import ALIAS, Seeded

Parameters = Sequence[tuple[str, str]]
LIST = "models"
"""The page whose bytes and first view are measured."""
_FILE = ".csv"
"""A file has all rows of a list, and is sent while they are read. It is no page."""
_CATALOG = "/catalog"
"""Pages of the model catalog, which the measured registry does not have."""
_HEADERS = (("host", "localhost:8080"), ("accept", "text/html"))


def questions(seeded: Seeded) -> dict[str, Question]:
    """Returns the GET of each page by the page's name; raises `KeyError` for a path whose ids are not known."""
    parameters = _parameters(seeded)
    return {
        route.name: Question(_path(route.path, seeded), parameters.get(route.name, ()), headers=_HEADERS)
        for route in ROUTES
        if not route.path.endswith(_FILE) and not route.path.startswith(_CATALOG)
    }


def _path(pattern: str, seeded: Seeded) -> str:
    if "{id}" not in pattern:
        return MOUNT + pattern
    return MOUNT + pattern.replace("{id}", seeded.ids[pattern.split("/")[1]][0])


def _parameters(seeded: Seeded) -> Mapping[str, Parameters]:
    """The parameters of pages that show nothing without them."""
    return {
        "compare_versions": list(_each(seeded, "versions")),
        "compare_runs": list(_each(seeded, "runs")),
        "suggestions": [("kind", "registered_models")],
        "search": [("q", seeded.prefix)],
        "alias_back": [("alias", ALIAS)],
        "run_curves": [("metric", "loss")],
        "named_models": [("name", f"{seeded.prefix}-model-{seeded.models - 1:06}")],
        "named_runs": [("experiment", f"{seeded.prefix}-experiment-0"), ("run", "r0")],
        "named_deployments": [("environment", f"{seeded.prefix}-production"), ("service", "s0")],
    }


def _each(seeded: Seeded, kind: str) -> Iterator[tuple[str, str]]:
    return (("id", id_) for id_ in seeded.ids[kind])
