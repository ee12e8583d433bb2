"""Writes the pages that follow from tables: `make docs`. A contract test holds that they are up to date."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

from converters.companion import COMPANION
from converters.entities import ENTITIES
from converters.entity import Entity, Field, Stored
from converters.idempotency import MARKS
from converters.names import MAX_BYTES
from converters.values import rule_of
from model_registry_proxy import errors
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.contract.document import Described
from model_registry_proxy.mlmd import port
from model_registry_proxy.observability import metrics
from model_registry_proxy.verbs.document import contracts
from model_registry_proxy.verbs.operations import OPERATIONS

FOLDER = Path(__file__).parent
_PLACES = {
    Stored.PROPERTY: "property",
    Stored.KEPT_WHEN_EMPTY: "property, kept when empty",
    Stored.COLUMN: "attribute of the node",
    Stored.IN_NAME: "prefix of the node's name",
    Stored.COPY_OF_NAME: "property, a copy of the name for other readers",
    Stored.COPY_OF_PARENT_NAME: "property, a copy of the parent's name for other readers",
    Stored.OF_PARENT: "comes from the parent, for filters only",
    Stored.BY_ATTRIBUTION: "comes from the run that the artifact is attributed to",
}
_NOTICE = "<!-- Made by `make docs`; do not edit by hand. -->\n"


def pages() -> dict[str, str]:
    """The text of each generated page, by the name of its file."""
    return {
        "logical-model.md": "\n".join(_logical_model()) + "\n",
        "errors.md": "\n".join(_errors()) + "\n",
        "settings.md": "\n".join(_settings()) + "\n",
        "metrics.md": "\n".join(_metrics()) + "\n",
    }


def _logical_model() -> Iterator[str]:
    yield f"{_NOTICE}\n# The logical model and where MLMD keeps it\n"
    yield f"Every entity also has `id`, `name` (with its prefix at most {MAX_BYTES} bytes of UTF-8), `externalId`,"
    yield "`customProperties`, `createTimeSinceEpoch` and `lastUpdateTimeSinceEpoch` (ms since the epoch).\n"
    yield "Answers have numbers exactly as they were sent. MLMD rounds a double to six decimals. On MySQL it has columns of 32 bits for whole numbers."
    yield "There, a larger one (a custom property, or the `step` of a metric) is stored as the nearest number, 2147483647 or -2147483648."
    yield f"The exact number is then kept in the custom property `{COMPANION}`, which REST does not show and which clients may"
    yield "not use. Other readers of the store, such as gRPC users and the Go proxy, see the rounded or nearest number and this property."
    yield "Numbers inside a struct are doubles.\n"
    yield f"A create with an `Idempotency-Key` leaves a hash of the key, of the user and of the body in the custom property `{MARKS}`."
    yield "REST does not show it, and clients may not use the name. A change of `customProperties` keeps it.\n"
    yield "Kubeflow's newest Python client (model-registry 0.3.18, kubeflow 0.5.0) reads whole numbers of at most 9 digits in custom"
    yield "properties. One value such as `trained_at: 1795766384` breaks every list that holds it. `mr doctor` names the entities with"
    yield "such values. Write them as text, or start the server with `--client-safe-integers`: it then answers them as text"
    yield "(`MetadataStringValue`), while the store and filters keep the number. A change that sends exactly this text back leaves the"
    yield "number; any other text replaces it. A request with the header `X-Exact-Integers: true` is answered with the numbers:"
    yield "`model-registry export` and `import`, our own Python client and `mr` send it. See"
    yield "[decision 0024](decisions/0024-whole-numbers-that-kubeflow-cannot-read.md).\n"
    yield "| entity | MLMD type | node | below | operations |\n|---|---|---|---|---|"
    for entity in ENTITIES:
        names = [f"`{name}`" for name, operation in OPERATIONS.items() if entity in operation.entity.variants()]
        parent = entity.parent.__name__ if entity.parent else "-"
        yield f"| {entity.__name__} | `{entity.stored_as}` | {entity.kind} | {parent} | {', '.join(names) or '-'} |"
    for entity in ENTITIES:
        yield f"\n## {entity.__name__}\n\n{inspect.getdoc(entity)}\n"
        yield f"Stored name: {_stored_name(entity)}.\n"
        yield "| field | MLMD | kind | where |\n|---|---|---|---|"
        for field in entity.fields.values():
            yield f"| `{field.rest}` | `{field.stored}` | {_kind(field)} | {_where(field)} |"
    yield "\n## Operations\n"
    yield "| operation | method | path |\n|---|---|---|"
    documents = contracts()
    for described in documents.registry.operations:
        yield _operation(described)
    yield "\n## Operations of the extensions\n"
    yield "They are below a prefix of their own: see [extensions.md](extensions.md).\n"
    yield "| operation | method | path |\n|---|---|---|"
    for described in documents.extensions.operations:
        yield _operation(described)
    yield "\n## Operations of MLflow's registry API\n"
    yield "They are below prefixes of their own: see [mlflow.md](mlflow.md).\n"
    yield "| operation | method | path |\n|---|---|---|"
    for described in documents.mlflow.operations:
        yield _operation(described)


def _stored_name(entity: type[Entity]) -> str:
    if entity.parent:
        return f"`<id of its {entity.parent.words}>:<name>`"
    return "`<id of its parent, or a UUID>:<name>`" if entity.is_owned() else "the name itself"


def _kind(field: Field) -> str:
    if field.place in (Stored.COLUMN, Stored.IN_NAME, Stored.BY_ATTRIBUTION, Stored.OF_PARENT):
        return "-"
    return ("UNKNOWN", "INT", "DOUBLE", "STRING", "STRUCT")[rule_of(field).property_type]


def _where(field: Field) -> str:
    refers = f"; names an existing {field.references.words}" if field.references else ""
    return _PLACES[field.place] + refers


def _operation(described: Described) -> str:
    return f"| `{described.operation_id}` | {described.method} | `{described.path}` |"


def _errors() -> Iterator[str]:
    yield f"{_NOTICE}\n# Errors\n"
    yield 'Every failure has one shape, `{"code": "<reason phrase>", "message": "<text>"}`. The message names the field or the'
    yield "entity, what was wrong and what would work. MLMD's own messages are in the log only.\n"
    yield "| status | code | when |\n|---|---|---|"
    rows = {(500, errors.RegistryError.status.phrase, "MLMD or the proxy failed in a way that has no better answer.")}
    for error in (*_declared_in(errors), *_declared_in(port)):
        if error.status.value != 500 and error is not port.Unavailable:  # noqa: PLR2004  Its base class has the same row.
            rows.add(
                (error.status.value, error.phrase or error.status.phrase, (inspect.getdoc(error) or "").splitlines()[0])
            )
    for status, code, when in sorted(rows):
        yield f"| {status} | {code} | {when} |"


def _declared_in(module: ModuleType) -> Iterator[type[errors.RegistryError]]:
    for found in vars(module).values():
        is_error = isinstance(found, type) and issubclass(found, errors.RegistryError)
        if is_error and found.__module__ == module.__name__:
            yield found


def _settings() -> Iterator[str]:
    yield f"{_NOTICE}\n# Settings\n"
    yield "A setting comes from its flag, else from the environment, else from the YAML file of `--config` (`~/.model-registry.yaml`), else it has the default.\n"
    yield "| flag and key of the file | environment | default | meaning |\n|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "") else f"`{field.default}`"
        yield f"| `--{name.replace('_', '-')}` | `MR_{name.upper()}` | {default} | {field.description} |"


def _metrics() -> Iterator[str]:
    yield f"{_NOTICE}\n# Metrics\n"
    yield "The path is `/metrics`, on a separate port: see [observability.md](observability.md). Times are in seconds.\n"
    yield "| metric | kind | labels | meaning |\n|---|---|---|---|"
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            described = next(iter(metric.describe()))
            name = described.name + ("_total" if described.type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            yield f"| `{name}` | {described.type} | {labels} | {described.documentation} |"


if __name__ == "__main__":
    for file, text in pages().items():
        (FOLDER / file).write_text(text, "utf-8")
