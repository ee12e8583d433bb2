"""Static files: read once at the start, with a hash of their content in the name, so that browsers may keep them forever."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
STYLES = ("base.css", "parts.css", "charts.css", "pages.css", "experiments.css", "forms.css", "deployments.css")
"""The parts of the one stylesheet `ui.css`, in the order of its layers. A part of the UI may add a file of its own."""
SCRIPTS = ("ui.js", "charts.js")
"""The parts of the one script `ui.js`, in this order."""
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NOT_NEEDED = re.compile(rb"\s*/\*.*?\*/\s*|\s*\n\s*", re.DOTALL)
"""What browsers do not need of a stylesheet: comments, and spaces around the ends of lines."""
_SPACES = re.compile(rb"\s*([{}])\s*|([:;,]) ")
"""Spaces around braces and after signs, which browsers do not need either. No text in the stylesheet has a sign and a space."""
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served."""

    name: str
    content: bytes
    media_type: str

    def response(self) -> Response:
        """Returns the answer, which browsers may keep forever."""
        return Response(self.content, media_type=self.media_type, headers={"cache-control": _FOREVER})


def _hashed(name: str, content: bytes) -> StaticFile:
    path = Path(name)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return StaticFile(f"{path.stem}.{digest}{path.suffix}", content, _TYPES[path.suffix])


def _stylesheet(written: bytes) -> bytes:
    return _SPACES.sub(rb"\1\2", _NOT_NEEDED.sub(b"\n", written))


@cache
def files() -> Mapping[str, StaticFile]:
    """Returns the files by their plain names, such as `ui.css`."""
    styles = b"".join(_stylesheet((FOLDER / part).read_bytes()) for part in STYLES)
    scripts = b"".join((FOLDER / part).read_bytes() for part in SCRIPTS)
    found = {"ui.css": _hashed("ui.css", styles), "ui.js": _hashed("ui.js", scripts)}
    for path in sorted(FOLDER.glob("*.svg")):
        found[path.name] = _hashed(path.name, path.read_bytes())
    return found


@cache
def served() -> Mapping[str, StaticFile]:
    """Returns the files by the names that pages use."""
    return {file.name: file for file in files().values()}
