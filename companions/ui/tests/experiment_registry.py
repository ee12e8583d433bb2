"""A registry in memory with an experiment of three runs, for tests of the pages about experiments."""

import re
from typing import Any

import orjson
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Caller, Question

from companions.ui.tests.fake_backend import API, EXTENSIONS, FakeBackend

_IDS = re.compile(r"id IN \((.+)\)")
START = 1_795_000_000_000


class ExperimentBackend(FakeBackend):
    """Also serves the artifacts of runs and versions, and the history of metrics: `histories` by run and metric.

    With `curves`, it has the extension for curves. A filter that holds the text `refuses` is a 400.
    """

    def __init__(self, *, curves: bool = False) -> None:
        super().__init__(EXTENSIONS if curves else "")
        self.refuses = ""
        self.histories: dict[tuple[str, str], list[dict[str, Any]]] = {}

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Answers as the server would."""
        given = dict(question.parameters)
        if self.refuses and self.refuses in given.get("filterQuery", ""):
            self._note(question, caller)
            return Answer(400, orjson.dumps({"message": f"{self.refuses} is unknown at column 1."}))
        match question.path.removeprefix(API).removeprefix(EXTENSIONS).strip("/").split("/"):
            case ["experiment_runs", id_, "artifacts"]:
                return self._listed(question, caller, "experimentRunId", id_)
            case ["model_versions", id_, "artifacts"]:
                return self._listed(question, caller, "modelVersionId", id_)
            case ["experiment_runs", id_, "metric_history"]:
                self._note(question, caller)
                if question.path.startswith(EXTENSIONS):
                    return Answer(
                        200, orjson.dumps({"metrics": [self._curve(id_, one) for one in given["names"].split(",")]})
                    )
                return self._part(self.histories.get((id_, given["name"]), []), given)
            case [collection] if wanted := _IDS.fullmatch(given.get("filterQuery", "")):
                self._note(question, caller)
                ids = wanted[1].split(", ")
                return self._page([one for id_, one in self.entities.get(collection, {}).items() if id_ in ids], 1000)
        return await super().send(question, caller)

    def measure(self, run: str, kind: str, name: str, value: Any, **more: Any) -> None:
        """Adds a metric or a parameter to a run."""
        fields = {
            "artifactType": kind,
            "name": name,
            "value": value,
            "experimentRunId": run,
            "experimentId": "1",
            **more,
        }
        self.add("artifacts", **fields)

    def _listed(self, question: Question, caller: Caller, field: str, id_: str) -> Answer:
        self._note(question, caller)
        kind = dict(question.parameters).get("artifactType")
        below = [one for one in self.entities.get("artifacts", {}).values() if one.get(field) == id_]
        return self._page([one for one in below if kind in (None, one["artifactType"])], 1000)

    def _note(self, question: Question, caller: Caller) -> None:
        self.questions.append(question)
        self.callers.append(caller)

    def _curve(self, run: str, name: str) -> dict[str, Any]:
        points = self.histories.get((run, name), [])
        return {"name": name, "count": len(points), "isThinned": False, "isComplete": True, "points": points}

    @staticmethod
    def _part(points: list[dict[str, Any]], given: dict[str, str]) -> Answer:
        points = [{"id": str(index), **one} for index, one in enumerate(points)]
        if steps := given.get("stepIds"):
            points = [one for one in points if str(one.get("step")) in steps.split(",")]
        if given.get("sortOrder") == "DESC":
            points = points[::-1]
        start, size = int(given.get("nextPageToken") or 0), int(given["pageSize"])
        items = [{"artifactType": "metric", "customProperties": {}, **one} for one in points[start : start + size]]
        token = str(start + size) if start + size < len(points) else ""
        return Answer(200, orjson.dumps({"items": items, "nextPageToken": token}))


def registry(text: str = "plain", *, curves: bool = False) -> ExperimentBackend:
    """Returns a registry with an experiment (1), its runs (2, 3, 4), and two versions (15, 16). `text` stands in every text."""
    made = ExperimentBackend(curves=curves)
    properties = to_wire({"p": text, f"{text}label": "", "_lastModified": text})
    shared = {"description": text, "owner": text, "externalId": text, "customProperties": properties}
    made.add("experiments", name=f"churn {text}", **shared)
    for number, status in enumerate(("FINISHED", "FAILED", "RUNNING")):
        times = {"startTimeSinceEpoch": str(START), "endTimeSinceEpoch": str(START + 90_000) if number < 2 else None}
        made.add("experiment_runs", name=f"run {number} {text}", experimentId="1", status=status, **times, **shared)
    for number, run in enumerate(("2", "3")):
        made.measure(run, "parameter", "rate", str(0.1 + number), parameterType="number")
        made.measure(run, "parameter", f"kind {text}", text, parameterType="string")
        made.measure(run, "metric", "loss", 0.25 * (number + 1), step=9)
        made.measure(run, "metric", f"score {text}", 0.5)
        points = [
            {"value": 1 / (step + 1 + number), "step": step, "timestamp": str(START + step * 1000)}
            for step in range(10)
        ]
        made.histories[run, "loss"] = points
    uri = {"uri": text, "description": text, "experimentRunId": "2", "experimentId": "1"}
    for kind in ("dataset-artifact", "model-artifact"):
        made.add("artifacts", artifactType=kind, name=f"{kind} {text}", modelVersionId="16", **uri)
    made.add("registered_models", name=f"churn {text}")
    for name in ("1.0.0", "1.1.0"):
        made.add("model_versions", name=f"{name} {text}", registeredModelId="15", author=text, **shared)
    return made
