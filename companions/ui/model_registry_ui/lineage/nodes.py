"""The nodes and links of a lineage, made of entities one by one. Each node is there once, however often it is added."""

from collections.abc import Mapping
from typing import Any

from model_registry_client.entities import DataSet, DocArtifact, ExperimentRun, InferenceService, ModelVersion

from model_registry_ui import links
from model_registry_ui.charts.lineage import Lineage, Node
from model_registry_ui.page_request import PageRequest

DATA, RUN, VERSION, FILE, SERVICE = range(5)
"""The columns of `charts.lineage.COLUMNS`."""


class Nodes:
    """Collects nodes and links. Each method that adds a node returns its key, for `link`."""

    def __init__(self, page: PageRequest) -> None:
        self._page = page
        self._nodes: dict[str, Node] = {}
        self._links: dict[tuple[str, str], None] = {}

    @property
    def lineage(self) -> Lineage:
        """What was collected."""
        return Lineage(tuple(self._nodes.values()), tuple(self._links))

    def link(self, before: str, after: str) -> None:
        """Adds a link from what was used to what was made of it. An empty key is no node."""
        if before and after:
            self._links[before, after] = None

    def run(self, run: ExperimentRun) -> str:
        """Adds a run."""
        return self._add("run", RUN, "run", run, _words(run.status))

    def version(self, version: ModelVersion, model: str = "", page: str = "version") -> str:
        """Adds a version. `model` is the name of its model, `page` the page that it leads to."""
        kind = f"version of {model}" if model else "version"
        return self._add("version", VERSION, kind, version, _words(version.state), page)

    def artifact(self, artifact: Any) -> str:
        """Adds a data set, the files of a model, or a document; returns an empty text for every other kind."""
        column, kind = (
            (DATA, "data set")
            if isinstance(artifact, DataSet)
            else (FILE, "document" if isinstance(artifact, DocArtifact) else "model")
        )
        return self._add("artifact", column, kind, artifact, _words(artifact.state))

    def service(self, service: InferenceService, environment: str = "") -> str:
        """Adds a deployment. `environment` is the name of where it is."""
        kind = f"deployed in {environment}" if environment else "deployment"
        return self._add("deployment", SERVICE, kind, service, _words(service.desired_state) or "Deployed")

    def source(self, artifact: Any) -> str:
        """Adds what made the files of a model outside of the registry, such as a pipeline; an empty text if nothing is known."""
        id_, name = artifact.model_source_id or "", artifact.model_source_name or ""
        kind = artifact.model_source_kind or artifact.model_source_class or ""
        if not (id_ or name or kind):
            return ""
        key = f"source-{kind}-{artifact.model_source_group or ''}-{id_ or name}"
        url = next((found for text in (id_, name) if (found := links.address(text))), "")
        self._nodes.setdefault(key, Node(key, RUN, kind or "outside source", name or id_ or "without a name", "", url))
        return key

    def of_graph(self, node: Mapping[str, str]) -> str:
        """Adds a step or an artifact of a graph of the server, unless it is there. What a step took stands in front of it."""
        if node["kind"] == "step":
            key = f"step-{node['id']}"
            self._nodes.setdefault(key, Node(key, RUN, node["stepKind"], node.get("name") or "without a name"))
            return key
        key = f"artifact-{node['id']}"
        kind = "data set" if node.get("artifactType") == DataSet.artifact_type else "model"
        url = self._page.url("artifact", node["id"])
        self._nodes.setdefault(key, Node(key, DATA, kind, node.get("name") or "without a name", "", url))
        return key

    def _add(self, page: str, column: int, kind: str, entity: Any, state: str, leads_to: str = "") -> str:
        key = f"{page}-{entity.id}"
        url = self._page.url(leads_to or page, entity.id)
        self._nodes.setdefault(key, Node(key, column, kind, entity.name or "without a name", state, url))
        return key


def _words(state: Any) -> str:
    return state.value.replace("_", " ").capitalize() if state is not None else ""
