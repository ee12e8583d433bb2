"""`mr export` and `mr import`: the server comes from flags, the environment, a context or an argument."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_registry_client import Registry

from tests.support import processes
from tests.support.commands import Ended, environment, run
from tests.support.processes import ROOT

Mr = Callable[..., Ended]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[str]:
    """A registry with a model, a version and a metric."""
    folder = tmp_path / "source"
    folder.mkdir()
    with processes.proxy(folder) as proxy, Registry(proxy.url) as registry:
        model = registry.create_registered_model("fraud", owner="ann", custom_properties={"exact": 1e-20})
        registry.create_model_version(model.id, "1.0.0")
        run_of = registry.create_experiment_run(registry.create_experiment("tuning").id, "first")
        for step in range(3):
            registry.create_metric("loss", 1 / 3 + step, experiment_run_id=run_of.id, step=step)
        yield proxy.url


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "target"
    folder.mkdir()
    with processes.proxy(folder) as proxy:
        yield proxy.url


@pytest.fixture
def mr(tmp_path: Path) -> Mr:
    """Runs `mr` with no server in its environment, unless one is given."""

    def call(*arguments: str | Path, server: str | None = None, **more: str) -> Ended:
        return run([str(argument) for argument in arguments], environment(tmp_path, server, more))

    return call


def test_a_registry_moves_from_one_context_to_another(mr: Mr, source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "registry.jsonl"
    for name, address in (("old", source), ("new", target)):
        assert mr("context", "set", name, "--server", address).code == 0
    exported = mr("export", "--context", "old", "-o", file)
    assert (exported.code, exported.out) == (0, ""), exported.err
    assert "1 RegisteredModel" in exported.err
    imported = mr("--context", "new", "import", file)
    assert imported.code == 0, imported.err
    assert imported.err.startswith("Made: 1 RegisteredModel")
    with Registry(target) as registry:
        model = registry.find_registered_model("fraud")
        assert model
        assert (model.owner, model.custom_properties) == ("ann", {"exact": 1e-20})
        assert sorted(row.value or 0 for row in registry.list_metric_history()) == [1 / 3, 1 / 3 + 1, 1 / 3 + 2]


@pytest.mark.slow
def test_the_server_may_be_an_argument_or_come_from_the_environment(
    mr: Mr, source: str, target: str, tmp_path: Path
) -> None:
    file = tmp_path / "registry.jsonl"
    assert mr("export", source, "--output", file).code == 0
    before = file.read_bytes()
    assert mr("export", "-o", file, server=source).code == 0, "a finished export is left as it is"
    assert file.read_bytes() == before
    assert mr("import", target, file).err.startswith("Made: 1 RegisteredModel")
    again = mr("import", file, "--state", f"{file}.imported", server=target)
    assert (again.code, again.err[:14]) == (0, "Made: nothing.")


@pytest.mark.slow
def test_both_commands_go_on_with_files_of_the_other(mr: Mr, source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "registry.jsonl"

    def model_registry(*arguments: str | Path) -> None:
        command = [sys.executable, "-m", "model_registry_proxy", *map(str, arguments)]
        subprocess.run(
            command, check=True, capture_output=True, env=environment(tmp_path, None, {"PYTHONPATH": str(ROOT)})
        )

    model_registry("export", source, "-o", file)
    first, *lines = file.read_text().splitlines(keepends=True)
    assert json.loads(first)["source"] == f"{source}/api/model_registry/v1alpha3/"
    file.write_text("".join([first, *lines[: len(lines) // 2]]))
    exported = mr("export", source, "-o", file)
    assert exported.code == 0, exported.err
    model_registry("import", target, file)
    assert mr("import", target, file).err.startswith("Made: nothing.")


def test_the_token_of_a_context_is_sent_to_its_server_only(mr: Mr, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "model_registry_proxy", "token", "ann"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(tmp_path, None, {"PYTHONPATH": str(ROOT)}),
    )
    token = made.stderr.split()[-1]
    (tmp_path / "tokens.yaml").write_text(made.stdout)
    (tmp_path / "token").write_text(token)
    file = tmp_path / "registry.jsonl"
    options = ("--auth", "tokens", "--auth-tokens", str(tmp_path / "tokens.yaml"))
    with processes.proxy(tmp_path, *options) as proxy:
        assert mr("context", "set", "safe", "--server", proxy.url, "--token-file", tmp_path / "token").code == 0
        refused = mr("export", proxy.url, "-o", file)
        assert (refused.code, "asks who you are" in refused.err) == (6, True), refused.err
        assert "hint: Give a token" in refused.err
        allowed = mr("export", "--context", "safe", "-o", file)
        assert (allowed.code, "the registry is empty" in allowed.err) == (0, True), allowed.err


def test_what_cannot_be_done_is_one_line_and_a_hint(mr: Mr, tmp_path: Path) -> None:
    nowhere, file = f"http://127.0.0.1:{processes.free_port()}", tmp_path / "registry.jsonl"
    away = mr("export", nowhere, "--patience", "0", "-o", file)
    assert away.code == 5
    assert away.err.startswith(f"mr: {nowhere}/api/model_registry/v1alpha3/ does not answer: ")
    assert "The address comes from the argument." in away.err
    assert mr("import", tmp_path / "none").code == 2
    twice = mr("export", nowhere, "--server", nowhere, "-o", file)
    assert (twice.code, "Name one server only" in twice.err) == (2, True)
    file.write_text('{"something": "else"}\n')
    other = mr("import", nowhere, file)
    assert (other.code, other.err) == (1, f"mr: {file} is no export of version 1.\n")
