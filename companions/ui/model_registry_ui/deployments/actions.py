"""The action that leads from a model or a version to the form that deploys it."""

from collections.abc import Sequence

from model_registry_ui.page_request import PageRequest

Action = tuple[str, str]
DEPLOY = "Deploy"


def deploy(page: PageRequest, model_id: str, version_id: str = "") -> Action:
    """Returns words and address of the form, with the names of a model and a version preset."""
    return DEPLOY, page.url("deployment_new", "", {"model": model_id, "version": version_id})


def with_deploy(page: PageRequest, offered: Sequence[Action], model_id: str) -> list[Action]:
    """Returns the actions of a model, and the one that deploys it after the first; none if there were none."""
    return [*offered[:1], deploy(page, model_id), *offered[1:]] if offered else []
