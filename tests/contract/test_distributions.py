"""The names of our distributions are not ours on PyPI, so no page or message says to install them from there."""

import re
from pathlib import Path

from tests.contract.test_plain_english import ROOT, files

FROM_PYPI = re.compile(r"\b(?:pip|pipx|uv|uvx)\b.* [\"']?model-registry-(?:client|proxy)\b")
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
    assert not FROM_PYPI.search("pip install './clients/python[cli]'")
