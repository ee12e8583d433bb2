"""An OpenAPI document, parsed: its operations, the paths that they are served at, and the schemas of their bodies."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

JsonObject = dict[str, Any]

_SCHEMAS = "#/components/schemas/"
_METHODS = ("get", "post", "patch", "put", "delete")
_WIDTH = 128
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Described:
    """One operation as the document describes it.

    `prefixes` are the base paths under which it is served. `body` is the schema of a body of JSON, `form` that of a form of files.
    `may_lack_body`: a request without a body is as good as one with an empty object. `extension`: the name of the extension that
    it belongs to; empty for what is always served.
    """

    operation_id: str
    method: str
    path: str
    prefixes: tuple[str, ...]
    parameters: tuple[JsonObject, ...]
    body: JsonObject | None
    form: JsonObject | None
    statuses: frozenset[int]
    may_lack_body: bool = False
    extension: str = ""


class Contract:
    """An OpenAPI document. `content` is the value that its YAML stands for, if that is known already."""

    def __init__(self, text: str = "", content: JsonObject | None = None) -> None:
        self._text = text
        self.content: JsonObject = yaml.load(text, _LOADER) if content is None else content  # noqa: S506 (a safe loader, the compiled one if there)

    @cached_property
    def text(self) -> str:
        """The YAML as written; of a document without one, YAML that stands for its content."""
        return self._text or yaml.safe_dump(self.content, sort_keys=False, allow_unicode=True, width=_WIDTH)

    def below(self, root: str) -> "Contract":
        """The document as clients see it if the server is below the path `root`: the URLs of its servers begin with that."""
        return Contract(self.text.replace("url: /", f"url: {root.rstrip('/')}/")) if root else self

    @property
    def extensions(self) -> frozenset[str]:
        """The names of the extensions that operations belong to."""
        return frozenset(described.extension for described in self.operations) - {""}

    def with_extensions(self, chosen: Collection[str]) -> "Contract":
        """The document without the operations of extensions that are not among the chosen ones."""
        if self.extensions <= set(chosen):
            return self
        paths = {
            path: {
                key: part
                for key, part in item.items()
                if key not in _METHODS or part.get("x-extension", "") in ("", *chosen)
            }
            for path, item in self.content["paths"].items()
        }
        served = {path: item for path, item in paths.items() if any(method in item for method in _METHODS)}
        return Contract(content={**self.content, "paths": served})

    @property
    def operations(self) -> Iterator[Described]:
        """All operations, in the order of the document."""
        everywhere = self.content.get("servers", [])
        for path, item in self.content["paths"].items():
            prefixes = tuple(server["url"] for server in item.get("servers", everywhere))
            for method in _METHODS:
                if operation := item.get(method):
                    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                    yield Described(
                        operation["operationId"],
                        method.upper(),
                        path,
                        prefixes,
                        tuple(self.resolve(parameter) for parameter in parameters),
                        self._body(operation, "application/json"),
                        self._body(operation, "multipart/form-data"),
                        frozenset(int(status) for status in operation["responses"]),
                        not self.resolve(operation.get("requestBody") or {}).get("required", False),
                        operation.get("x-extension", ""),
                    )

    @property
    def is_read_only(self) -> bool:
        """Whether no operation changes anything: each has the method GET, or `x-read-only: true`."""
        return all(
            operation.get("x-read-only", method == "get")
            for item in self.content["paths"].values()
            for method in _METHODS
            if (operation := item.get(method))
        )

    def _body(self, operation: JsonObject, media_type: str) -> JsonObject | None:
        body = self.resolve(operation.get("requestBody") or {})
        found: JsonObject | None = body.get("content", {}).get(media_type, {}).get("schema")
        return found

    def resolve(self, item: JsonObject) -> JsonObject:
        """The target of a `$ref`; any other item is returned unchanged."""
        while "$ref" in item:
            item = self.target(item["$ref"])
        return item

    def target(self, reference: str) -> JsonObject:
        """The part of the document at a JSON pointer such as `#/a/b` (RFC 6901)."""
        part: Any = self.content
        for step in reference.removeprefix("#/").split("/"):
            part = part[int(step) if isinstance(part, list) else step.replace("~1", "/").replace("~0", "~")]
        return part  # type: ignore[no-any-return]

    def standalone(self, schema: JsonObject) -> JsonObject:
        """A schema that a validator can compile by itself: with all component schemas that it refers to, without descriptions."""
        reached: dict[str, JsonObject] = {}
        todo: list[Any] = [schema]
        while todo:
            part = todo.pop()
            if isinstance(part, dict):
                todo.extend(part.values())
                name = str(part.get("$ref", "")).removeprefix(_SCHEMAS)
                if name and name not in reached:
                    reached[name] = self.target(part["$ref"])
                    todo.append(reached[name])
            elif isinstance(part, list):
                todo.extend(part)
        return _without_words({**schema, "components": {"schemas": reached}})  # type: ignore[no-any-return]

    def branches(self, schema: JsonObject) -> Iterator[JsonObject]:
        """A schema and all schemas that it includes by `$ref` and `allOf`, without the alternatives of a `oneOf`."""
        yield schema
        if "$ref" in schema:
            yield from self.branches(self.target(schema["$ref"]))
        for part in schema.get("allOf", ()):
            yield from self.branches(part)

    def discriminator(self, schema: JsonObject) -> tuple[str, Mapping[str, str]] | None:
        """The property that chooses an alternative, and the `$ref` for each of its values; `None` without alternatives."""
        for branch in self.branches(schema):
            if found := branch.get("discriminator"):
                return found["propertyName"], found["mapping"]
        return None


def _without_words(part: Any) -> Any:
    """A part of the document without descriptions: a compiled schema would keep copies of them in memory."""
    if isinstance(part, dict):
        return {
            key: _without_words(value) for key, value in part.items() if key != "description" or isinstance(value, dict)
        }
    return [_without_words(value) for value in part] if isinstance(part, list) else part
