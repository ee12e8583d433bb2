"""The option `--tier`: what the quick tier leaves out, what the tier `all` runs, and which tests share a worker."""

import re

import pytest

from tests.support import tiers
from tests.support.processes import ROOT

pytest_plugins = ["pytester"]

TESTS = """
import pytest
from hypothesis import given, settings, strategies as st
from tests.support.stores import on

STORES = ("google-mysql", "embedded-sqlite", "embedded-mysql")

@pytest.fixture(scope="module", params=on(STORES))
def store(request):
    return request.param

@pytest.fixture(scope="module")
def server():
    return "a server"

def test_on_each_store(store): pass

@pytest.mark.parametrize("kind", on(STORES))
def test_on_each_kind(kind): pass

@pytest.mark.slow
def test_slow(): pass

@pytest.mark.store("google-mysql")
def test_absent(): pass

def test_with_a_server(server): pass

def test_simple(): pass

def test_examples(): assert settings.default.max_examples == EXAMPLES
"""
PRESENT = """
from tests.support import processes

processes.why_no_engine = lambda: None
processes.has_mysql = lambda: True
"""
ABSENT = "MLMD_SERVER_BINARY does not name a build of Google's MLMD server"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> "Run":
    """Runs pytest in a process of its own, in a folder with the tests above. Both embedded stores count as present."""
    monkeypatch.delenv("MLMD_SERVER_BINARY", raising=False)
    monkeypatch.delenv("TEST_STORES", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (pytester.path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow: x\n    store(name): x\n")
    pytester.makeconftest(PRESENT)
    return Run(pytester)


class Run:
    """What a run of pytest did with each test."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester

    def __call__(self, *flags: str, tests: str = TESTS, examples: int = 30) -> tuple[dict[str, str], str]:
        """The outcome of each test, and the output."""
        self._pytester.makepyfile(test_sample=tests.replace("EXAMPLES", str(examples)))
        done = self._pytester.runpytest_subprocess("-p", "tests.support.tiers", "-rs", "-v", *flags)
        output = done.stdout.str() + done.stderr.str()
        return dict(re.findall(r"test_sample.py::(\S+) (PASSED|FAILED|SKIPPED)", output)), output


def test_the_quick_tier_runs_each_test_once_on_the_first_store_that_is_present(run: Run) -> None:
    outcomes, output = run()
    assert outcomes == {
        "test_on_each_store[embedded-sqlite]": "PASSED",
        "test_on_each_kind[embedded-sqlite]": "PASSED",
        "test_absent": "SKIPPED",
        "test_with_a_server": "PASSED",
        "test_simple": "PASSED",
        "test_examples": "PASSED",
    }
    assert "The tier quick left out 4 cases on further stores and 1 slow tests; --tier=all runs them." in output
    assert f"not google-mysql: {ABSENT}" in output


def test_the_tier_all_runs_every_test_on_every_store_that_is_present(run: Run) -> None:
    outcomes, output = run("--tier=all", examples=600)
    assert outcomes == {
        **{
            f"test_on_each_{what}[embedded-{store}]": "PASSED"
            for what in ("store", "kind")
            for store in ("sqlite", "mysql")
        },
        **{f"test_on_each_{what}[google-mysql]": "SKIPPED" for what in ("store", "kind")},
        "test_slow": "PASSED",
        "test_absent": "SKIPPED",
        "test_with_a_server": "PASSED",
        "test_simple": "PASSED",
        "test_examples": "PASSED",
    }
    assert f"google-mysql: {ABSENT}" in output
    assert "left out" not in output


@pytest.mark.slow
def test_the_tier_rest_completes_a_quick_run(run: Run) -> None:
    with_examples = TESTS + "\n\n@given(st.integers())\ndef test_property(number): pass\n"
    quick, _ = run(tests=with_examples)
    rest, output = run("--tier=rest", tests=with_examples, examples=600)
    all_, _ = run("--tier=all", tests=with_examples, examples=600)
    assert quick | rest == all_
    assert quick.keys() & rest.keys() == {"test_property"}
    assert "The tier rest left out 6 tests that quick runs; --tier=all runs them." in output


@pytest.mark.slow
def test_test_stores_limits_the_stores_of_both_tiers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_STORES", "embedded-mysql")
    outcomes, _ = run("-k", "each_kind")
    assert outcomes == {"test_on_each_kind[embedded-mysql]": "PASSED"}
    outcomes, output = run("-k", "each_kind", "--tier=all")
    assert [name for name, outcome in outcomes.items() if outcome == "PASSED"] == ["test_on_each_kind[embedded-mysql]"]
    assert "TEST_STORES asks for embedded-mysql only" in output


@pytest.mark.slow
def test_tests_that_share_a_store_or_a_server_run_in_one_worker(run: Run) -> None:
    _, output = run("-n", "2", "--dist=loadgroup", "--tier=all", examples=600)
    groups = dict(re.findall(r"test_sample.py::(\S+?)(?:@(\S+))? *$", output, re.MULTILINE))
    assert (
        groups["test_on_each_store[embedded-sqlite]"]
        == groups["test_on_each_kind[embedded-sqlite]"]
        == "embedded-sqlite"
    )
    assert groups["test_on_each_store[embedded-mysql]"] == "embedded-mysql"
    assert groups["test_with_a_server"] == "test_sample.py"
    assert groups["test_simple"] == ""


def test_a_file_whose_tests_are_all_slow_is_refused(run: Run) -> None:
    _, output = run(tests="import pytest\n\n@pytest.mark.slow\ndef test_slow(): pass\n")
    assert "The quick tier must run a test of every file, but all are marked slow in" in output
    assert "test_sample.py" in output


def test_ci_runs_both_tiers() -> None:
    commands = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [command for command in commands if command.startswith("make ")] == [
        "make lint",
        "make test",
        "make test-all TIER=rest",
    ]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target, tier in (("test", "quick"), ("test-all", "$(TIER)")):
        assert re.search(
            rf"^{target}: .*\n\t\$\(BIN\)/pytest -n auto --tier={re.escape(tier)} ", makefile, re.MULTILINE
        )
    assert "TIER := all" in makefile


def test_the_pages_name_the_numbers_of_examples_and_no_test_has_its_own() -> None:
    quick, all_ = tiers.EXAMPLES["quick"], tiers.EXAMPLES["all"]
    for page in ((ROOT / "CONTRIBUTING.md").read_text("utf-8"), tiers.__doc__ or ""):
        assert re.search(rf"^\| examples of a Hypothesis test \| {quick} \| {all_} \|$", page, re.MULTILINE)
        assert re.search(rf"`many_cases\(\)`\)? \| {quick // 3} \| {all_ // 3} \|$", page, re.MULTILINE)
    fixed = re.compile(r"^@settings\(.*max_examples=\d", re.MULTILINE)
    assert [path.name for path in (ROOT / "tests").rglob("*.py") if fixed.search(path.read_text("utf-8"))] == []
