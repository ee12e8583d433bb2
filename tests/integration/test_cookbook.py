"""The pages with commands: these run in order against a new registry, with the answers that the page shows."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT, need_engine, proxy

PAGES = ("cookbook.md", "extensions.md", "aliases.md")
ANY = "…"
_END = "--- end of block ---"


def blocks_of(page: str) -> list[tuple[str, str]]:
    """The commands and answers of a page, each with its language."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(r"^```(sh|json|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def differences(shown: Any, answered: Any, place: str = "") -> list[str]:
    """Where an answer differs from the one on the page: the page may leave fields out, and say `…` for any text or number."""
    if isinstance(shown, dict) and isinstance(answered, dict):
        missing = [f"{place}.{key} is missing" for key in shown if key not in answered]
        return missing + [
            d for key in shown if key in answered for d in differences(shown[key], answered[key], f"{place}.{key}")
        ]
    if isinstance(shown, list) and isinstance(answered, list):
        if len(shown) != len(answered):
            return [f"{place} has {len(answered)} items instead of {len(shown)}"]
        return [
            d
            for number, pair in enumerate(zip(shown, answered, strict=True))
            for d in differences(*pair, f"{place}[{number}]")
        ]
    if shown == ANY and isinstance(answered, str | int | float) and answered != "":
        return []
    return [] if shown == answered else [f"{place} is {answered!r} instead of {shown!r}"]


def outputs(registry: str, commands: list[str], folder: Path) -> list[str]:
    """What each command prints, all run by one shell, so that variables stay."""
    script = "".join(f"{command}\necho\necho '{_END}'\n" for command in commands)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder, capture_output=True, text=True, check=False, env={"REGISTRY": registry, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return [output.strip() for output in done.stdout.split(_END)[:-1]]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_answers_as_the_page_shows(page: str, tmp_path: Path) -> None:
    need_engine()
    blocks = blocks_of(page)
    commands = [text for language, text in blocks if language == "sh"]
    with proxy(tmp_path) as server:
        printed = iter(outputs(server.api, commands, tmp_path))
    last = ""
    for language, text in blocks:
        if language == "sh":
            last = next(printed)
        elif language == "json":
            assert differences(json.loads(text), json.loads(last)) == [], f"{text}\n{last}"
        else:
            assert last == text.strip()


def test_the_examples_of_the_concepts_work_in_curl_and_in_python(tmp_path: Path) -> None:
    need_engine()
    page = (ROOT / "docs" / "concepts.md").read_text("utf-8")
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    for language in ("sh", "python"):
        folder = tmp_path / language
        folder.mkdir()
        with proxy(folder) as server:
            if language == "sh":
                (printed,) = outputs(server.api, [blocks["sh"]], folder)
                assert re.findall(r'"id":"(\d+)"', printed) == ["1", "2", "1"]
            else:
                program = blocks["python"].replace("http://localhost:8080", server.url)
                done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
                assert done.stdout == blocks["text"]


def test_a_difference_from_the_page_is_seen() -> None:
    answer = {"id": "1", "items": [{"a": 1}], "time": "5"}
    assert differences({"id": "1", "time": ANY}, answer) == []
    assert differences({"id": "2"}, answer) == [".id is '1' instead of '2'"]
    assert differences({"items": [{"a": 2}]}, answer) == [".items[0].a is 1 instead of 2"]
    assert differences({"items": []}, answer) == [".items has 1 items instead of 0"]
    assert differences({"no": 1}, answer) == [".no is missing"]


@pytest.mark.parametrize("language", ["sh", "json"])
@pytest.mark.parametrize(("page", "least"), [("cookbook.md", 21), ("extensions.md", 2), ("aliases.md", 7)])
def test_a_page_has_blocks_that_are_seen(page: str, least: int, language: str) -> None:
    assert sum(found == language for found, _ in blocks_of(page)) >= least
