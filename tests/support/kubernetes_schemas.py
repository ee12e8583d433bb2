"""JSON schemas for kubeconform: Kubernetes' from the kubernetes-validate package, Istio's from its resource definitions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

LOCATION = "{{.ResourceKind}}{{.KindSuffix}}.json"
"""The path of the schema of a kind for kubeconform, in the folder that `write_schemas` fills."""

_DEFINITIONS = "_definitions.json"


def write_schemas(folder: Path, version: str, custom: Path, kinds: set[str]) -> None:
    """Fills `folder` for a version of Kubernetes such as `1.32.0`; `custom` is a file of custom resource definitions.

    Of Kubernetes' own schemas only those of `kinds` are taken, as in `Deployment`, with the definitions that they need: all of
    them take a minute to read. The schemas are strict: a field that Kubernetes does not know is a mistake.
    """
    packaged = Path(kubernetes_validate.__file__).parent / f"kubernetes-json-schema/v{version}-local-strict"
    definitions = json.loads(_text(packaged / _DEFINITIONS))["$defs"]
    needed: set[str] = set()
    for path in packaged.glob("*-v*.json"):
        if path.name.partition("-")[0] in {kind.lower() for kind in kinds}:
            schema = json.loads(_text(path))
            del schema["$id"]  # otherwise kubeconform would fetch the definitions from the web
            (folder / path.name).write_text(json.dumps(schema), "utf-8")
            _collect(schema, definitions, needed)
    chosen = {"$defs": {name: definitions[name] for name in sorted(needed)}}
    (folder / _DEFINITIONS).write_text(json.dumps(chosen), "utf-8")
    for name, schema in _custom_schemas(custom):
        (folder / name).write_text(json.dumps(schema), "utf-8")


def _text(path: Path) -> str:
    return path.read_text("utf-8").replace(f"/api/{_DEFINITIONS}", _DEFINITIONS)


def _collect(schema: Any, definitions: dict[str, Any], needed: set[str]) -> None:
    """Adds the names of all definitions that a schema refers to, and those that these refer to."""
    for name in re.findall(r"#/\$defs/([\w.]+)", json.dumps(schema)):
        if name not in needed:
            needed.add(name)
            _collect(definitions[name], definitions, needed)


def _custom_schemas(custom: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for definition in yaml.load_all(custom.read_text("utf-8"), Loader=yaml.CSafeLoader):
        group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
        for version in definition["spec"]["versions"]:
            name = f"{kind}-{group.partition('.')[0]}-{version['name']}.json".lower()
            yield name, _strict(version["schema"]["openAPIV3Schema"]) | {"additionalProperties": True}


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _strict(value) for key, value in schema.items()}
    is_open = "x-kubernetes-preserve-unknown-fields" in schema or "additionalProperties" in schema
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict) and not is_open:
        inner["additionalProperties"] = False
    return inner
