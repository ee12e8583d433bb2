"""Where the texts of the documents are: in the repository, or in an installed package."""

from pathlib import Path

_FOLDERS = (
    Path(__file__).parents[1] / "_document",  # in an installed package
    Path(__file__).parents[2] / "openapi",
)


def document_text(file: str) -> str:
    """The YAML of a document, by the name of its file, such as `model-registry.yaml`."""
    return next(path for folder in _FOLDERS if (path := folder / file).exists()).read_text("utf-8")
