"""The messages for operators, read from the source: errors that end a start, and logged warnings and errors."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.processes import ROOT

ERRORS = {"SettingsError", "EngineError", "give_up"}
LEVELS = {"warning", "error", "exception"}
GAP = "…"
"""Replaces the variable parts of a message."""


@cache
def messages() -> dict[str, str]:
    """All messages, with gaps, each with the file that contains it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "model_registry_proxy").rglob("*.py")):
        for text in _of(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _reports(node.func):
            first = node.args[0]
            for value in _ways(first, assigned):
                text = " ".join(re.sub(r"%[-+.\d]*[a-z]", GAP, _text(value)).split())
                if text.strip(f"{GAP}. ") and " " in text:
                    yield re.sub(f"{GAP}({GAP})+", GAP, text).replace("|", "/")


def _ways(first: ast.expr, assigned: dict[str, list[ast.expr]]) -> list[ast.expr]:
    """The possible expressions of an argument: the values assigned to a name, or each side of an `or`."""
    if isinstance(first, ast.Name):
        return assigned.get(first.id, [])
    return first.values if isinstance(first, ast.BoolOp) else [first]


def _reports(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in ERRORS
    return (
        isinstance(function, ast.Attribute)
        and function.attr in LEVELS
        and isinstance(function.value, ast.Name)
        and function.value.id in {"_log", "logger"}
    )


def _text(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in value.values)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _text(value.left) + _text(value.right)
    return GAP
