"""The distribution and the package say the same version."""

import tomllib
from pathlib import Path

import model_registry_ui


def test_the_package_has_the_version_of_its_distribution() -> None:
    written = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(written)["project"]["version"] == model_registry_ui.__version__
