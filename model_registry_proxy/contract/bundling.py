"""A document that uses parts of another one becomes a whole document: it gets copies of these parts.

Clients and validators then need one file only, and a fact that both documents need is still written once.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from model_registry_proxy.contract.document import Contract, JsonObject

_DEPTH = 2
"""The steps below `#/components` to a component: its section and its name."""
_Component = tuple[str, str]


def bundled(text: str, others: Mapping[str, Contract]) -> Contract:
    """Returns the document in the YAML `text` as one that refers to no other document.

    `others` are the documents that it may refer to, by the names of their files: `$ref: other.yaml#/components/schemas/Id`. A
    component that is only such a reference becomes the other document's component. Raises `ValueError` for a reference to a part
    that is no component, and if two documents have a component of the same name.
    """
    content = Contract(text).content
    components: JsonObject = content.setdefault("components", {})
    copied: dict[_Component, str] = {}
    todo = list(_foreign(content, ""))
    while todo:
        node, file, component = todo.pop()
        section, name = component
        node["$ref"] = f"#/components/{section}/{name}"
        if copied.get(component) == file:
            continue
        own = components.setdefault(section, {})
        if component in copied or (name in own and own[name].keys() != {"$ref"}):
            raise ValueError(f"Two documents have a component {section}/{name}.")
        copied[component] = file
        own[name] = deepcopy(others[file].target(node["$ref"]))
        todo += _foreign(own[name], file)
    return Contract(content=content)


def _foreign(part: Any, file: str) -> Iterator[tuple[JsonObject, str, _Component]]:
    """The references in a part of a file to components of other documents than ours: node, file, component.

    `file` is empty for our document.
    """
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            named, _, pointer = reference.partition("#")
            if named or file:
                yield part, named or file, _component(reference, pointer)
        for value in part.values():
            yield from _foreign(value, file)
    elif isinstance(part, list):
        for value in part:
            yield from _foreign(value, file)


def _component(reference: str, pointer: str) -> _Component:
    root, _, rest = pointer.partition("/components/")
    steps = rest.split("/")
    if root or len(steps) != _DEPTH:
        raise ValueError(f"{reference} is no component.")
    return steps[0], steps[1]
