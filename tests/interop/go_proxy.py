"""Recorded requests and answers of Kubeflow's Go proxy, and the comparison of its answers with ours.

`fixtures/go-proxy.sqlite` is the MLMD store that it wrote. `fixtures/go-proxy.json` has the writes and the reads that followed.
"""

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_FIXTURES = Path(__file__).parent / "fixtures"
_CONVERSATION: Json = json.loads((_FIXTURES / "go-proxy.json").read_text("utf-8"))

WRITES: list[Json] = _CONVERSATION["writes"]
READS: dict[str, Json] = _CONVERSATION["reads"]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

_ADDED = ("experimentId", "experimentRunId")


def copy_of_the_store(folder: Path) -> Path:
    """Copies the store of the Go proxy into `folder`; the copy may be changed."""
    return Path(shutil.copy(_FIXTURES / "go-proxy.sqlite", folder))


def comparable(answer: Any) -> Any:
    """An answer of either proxy without the parts that may differ. The order of keys in JSON objects does not matter.

    - `nextPageToken`: the Go proxy hands MLMD's own token through, ours is bound to its question. That there is one is
      compared, not its text.
    - `struct_value`: base64 of JSON, whose spelling (blanks, order of keys, escapes, `1` for `1.0`) is free; what it says
      is compared.
    - `experimentId`, `experimentRunId` of an artifact: the API of the newer Go server has them, this one had not. They are
      compared where the entity itself keeps them, as a run does its experiment.
    """
    if isinstance(answer, list):
        return [comparable(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    added = _ADDED if "artifactType" in answer else ()
    return {key: _comparable_value(key, value) for key, value in answer.items() if key not in added}


def _comparable_value(key: str, value: Any) -> Any:
    if key == "struct_value":
        return json.loads(base64.b64decode(value))
    if key == "nextPageToken":
        return bool(value)
    return comparable(value)


def differences(theirs: Any, ours: Any, place: str = "") -> Iterator[str]:
    """The differences of two comparable answers, one line each. JSON numbers compare by value, not by spelling."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(theirs.keys() | ours.keys()):
            if key not in theirs or key not in ours:
                yield f"{place}.{key}: only in {'theirs' if key in theirs else 'ours'}"
            else:
                yield from differences(theirs[key], ours[key], f"{place}.{key}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif isinstance(theirs, bool) != isinstance(ours, bool) or theirs != ours:
        yield f"{place}: theirs {theirs!r}, ours {ours!r}"


def collection(path: str) -> str:
    """The first segment of a path."""
    return path.split("?", maxsplit=1)[0].split("/")[1]


def kind_of(path: str) -> str:
    """The kind of MLMD node in the answers of a path. Each kind has its own sequence of ids."""
    segments = path.split("?", maxsplit=1)[0].strip("/").split("/")
    last = next(segment for segment in reversed(segments) if not segment.isdigit())
    if last in ("artifacts", "model_artifacts", "artifact", "model_artifact", "metric_history"):
        return "artifact"
    return "execution" if last == "serves" else "context"


REFERENCES = {
    "registeredModelId": "context",
    "modelVersionId": "context",
    "servingEnvironmentId": "context",
    "experimentId": "context",
    "experimentRunId": "context",
}
"""Fields that hold an id, each with the kind of the node."""


class Ids:
    """The mapping from ids of the Go proxy to ours, learnt from the answers to the same write."""

    def __init__(self) -> None:
        self._ours: dict[tuple[str, str], str] = {}

    def learn(self, kind: str, theirs: str, ours: str) -> None:
        """Adds a pair of ids; fails if the id already has another partner."""
        known = self._ours.setdefault((kind, theirs), ours)
        assert known == ours, f"the {kind} {theirs} of theirs is {known} and {ours} of ours"

    def path(self, path: str) -> str:
        """A path of the Go proxy with our ids."""
        kind = kind_of(f"/{collection(path)}")
        path = re.sub(r"(^/\w+/)(\d+)", lambda match: match[1] + self._ours[kind, match[2]], path)
        return re.sub(r"(parentResourceId=)(\d+)", lambda match: match[1] + self._ours["context", match[2]], path)

    def entity(self, kind: str, entity: Json) -> Json:
        """An entity or a body of the Go proxy with our ids."""
        own: dict[str, Callable[[str], str]] = {"id": lambda id_: self._ours[kind, id_]}
        refer = {key: (lambda id_, table=table: self._ours[table, id_]) for key, table in REFERENCES.items()}
        translate = own | refer
        return {key: translate[key](value) if key in translate else value for key, value in entity.items()}
