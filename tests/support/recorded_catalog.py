"""The recorded catalog: its answers, and how they are compared with entries."""

import importlib.util
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from model_catalog.entries import Entry

FOLDER = Path(__file__).parents[1] / "fixtures" / "catalog"


@cache
def checker() -> ModuleType:
    """The program that compares answers."""
    spec = importlib.util.spec_from_file_location("catalog_check", FOLDER / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def recording(name: str) -> dict[str, Any]:
    """A file of recorded answers."""
    read: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return read


def answer(name: str, question: str) -> Any:
    """The body that was recorded for a path."""
    return next(
        entry["body"] for entry in recording(name)["entries"] if entry["url"] == question and entry["method"] == "GET"
    )


def differences(name: str, question: str, items: Sequence[Any]) -> list[str]:
    """What is different between the items of a recorded answer and ours, which have no ids yet."""
    expected = _without_ids(answer(name, question)["items"])
    ignored = ("logo", "includedModels", "excludedModels") if "hf" in name else ()
    check = checker()
    ours = check.tolerate(
        check.mask(expected, ignore=ignored), check.mask([*items], ignore=ignored), recording(name)["tolerate"]
    )
    found: list[str] = check.diff(check.mask(expected, ignore=ignored), ours)
    return found


def _without_ids(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in item.items() if key != "id"} for item in items]


def numbered(entry: Entry) -> list[dict[str, Any]]:
    """The artifacts of a model as if the index had put in its id."""
    read: list[dict[str, Any]] = json.loads(json.dumps([*entry.parts]).replace("{model_id}", "5"))
    return read
