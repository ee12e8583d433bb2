"""How our distributions are installed: from a checkout, since their names are not ours on PyPI, and whole by `make run`."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.contract.test_plain_english import ROOT, files

FROM_PYPI = re.compile(
    r"\b(?:pip|pipx|uv|uvx)\b.* (?<!--package )[\"']?model-registry-(?:client|controller|proxy|storage-initializer|ui|upload-job)\b"
)
"""A command that installs one of them by its name (docs/decisions/0032)."""


def test_nothing_says_to_install_our_distributions_from_pypi() -> None:
    texts = {
        path: (ROOT / path).read_text("utf-8")
        for path in files()
        if path != Path("tests/contract", Path(__file__).name)
    }
    assert {str(path): found[0] for path, text in texts.items() if (found := FROM_PYPI.search(text))} == {}


def test_such_commands_are_recognized() -> None:
    assert FROM_PYPI.search("pip install 'model-registry-client[cli]'")
    assert FROM_PYPI.search('pip install "model-registry-proxy[otel]"')
    assert FROM_PYPI.search("pip install model-registry-client scikit-learn")
    assert not FROM_PYPI.search("pip install model-registry")
    assert not FROM_PYPI.search("uv sync --frozen --package model-registry-upload-job")
    assert not FROM_PYPI.search("pip install './clients/python[cli]'")


def test_the_environment_of_make_run_has_the_engine_the_command_line_and_the_web_ui() -> None:
    uv = ROOT / ".venv" / "bin" / "uv"
    if not uv.exists():
        pytest.skip("make has not installed uv here")
    rule = re.search(
        r"^\$\(VENV\)/\.built:.*\n\t\$\(UV\) sync (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert rule
    flags = [flag for flag in rule[1].split() if flag not in {"--inexact", "$(NO_WHEEL)"}]
    exported = subprocess.run(
        [uv, "export", "--offline", "--no-hashes", "--no-annotate", *flags],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    extras = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    wanted = {"ml-metadata", "jinja2", *(re.split(r"[^\w-]", needed)[0] for needed in extras["cli"])}
    assert wanted <= set(re.findall(r"^[\w-]+(?===)", exported.stdout, re.MULTILINE))
