"""The lines where the keys of a document begin, for messages about a key whose value knows no line."""

from collections.abc import Mapping
from typing import BinaryIO

import yaml

_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def key_lines(file: BinaryIO) -> Mapping[str, int]:
    """The line of each key of the mapping in a file: its first document. The file is good YAML, and open for reading bytes."""
    found: dict[str, int] = {}
    depth, is_key = 0, True
    for event in yaml.parse(file, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentEndEvent):
            break
        depth -= isinstance(event, _CLOSING)
        if depth == 1 and isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            if is_key and isinstance(event, yaml.ScalarEvent) and event.start_mark:
                found.setdefault(event.value, event.start_mark.line + 1)
            is_key = is_key if isinstance(event, _OPENING) else not is_key
        depth += isinstance(event, _OPENING)
    return found
