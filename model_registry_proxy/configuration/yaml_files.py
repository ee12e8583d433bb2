"""YAML files of operators, checked against a pydantic type: an error is one line with the place of the fault."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.configuration.watched_files import read_bytes
from model_registry_proxy.configuration.yaml_faults import what_is_wrong

Content = TypeVar("Content")


class _Loader(yaml.SafeLoader):
    """Refuses a key that appears twice: YAML would silently take the last one, and a rule would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, setting: str, shape: TypeAdapter[Content]) -> Content:
    """The content of the file that a setting names; raises `SettingsError`."""
    try:
        content = yaml.load(read_bytes(path, setting), _Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"--{setting} {path} is not YAML: {what_is_wrong(error)}.") from None
    try:
        return shape.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"--{setting} {path}: {f'{place}: ' if place else ''}{said}.") from None
