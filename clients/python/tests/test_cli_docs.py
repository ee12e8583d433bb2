"""The page on `mr` is correct: its sessions run, and its tables agree with the code."""

import difflib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_registry_cli.catalogue import Group, commands
from model_registry_cli.exits import ENDINGS, Exit

from tests.support import processes
from tests.support.commands import environment, run

PAGE = (Path(__file__).parents[1] / "docs" / "cli.md").read_text()
_AGE = re.compile(r"\b(\d+[smh])+ ago")


@pytest.fixture
def empty_registry(tmp_path: Path) -> Iterator[str]:
    """The address of an empty registry, as the page expects it."""
    with processes.proxy(tmp_path) as proxy:
        yield proxy.url


def test_the_sessions_on_the_page_show_the_real_output(empty_registry: str, tmp_path: Path) -> None:
    shown = "".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL))
    printed = ""
    for line in re.findall(r"^\$ (.*)$", shown, re.MULTILINE):
        program, *arguments = shlex.split(line)
        assert program == "mr"
        ended = run(arguments, environment(tmp_path, empty_registry))
        printed += f"$ {line}\n{ended.out}{ended.err}"
    printed = _AGE.sub("0s ago", printed)
    assert not list(difflib.unified_diff(shown.splitlines(), printed.splitlines(), "shown", "printed", lineterm=""))


def test_every_command_and_every_exit_code_is_on_the_page() -> None:
    for each in commands():
        assert f"`{each.name}" in PAGE or f"`mr {each.name}" in PAGE, each.name
        for entry in each.entries if isinstance(each, Group) else ():
            assert re.search(rf"`(mr {each.name} )?{entry.name}\b", PAGE), (each.name, entry.name)
    shown_codes = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert shown_codes == {code.value for code in Exit}
    assert {ending.code for ending in ENDINGS.values()} <= set(Exit)
