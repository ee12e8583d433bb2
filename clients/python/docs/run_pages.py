"""Runs the Python blocks of pages and writes their output into them: `python clients/python/docs/run_pages.py URL [PAGE...]`.

The blocks of a page run in order, as one program, against the registry at URL. The text block after them shows their output. A test
runs all pages and compares.
"""

import contextlib
import io
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGES = (HERE.parent / "README.md", *sorted(page for page in HERE.glob("*.md") if page.name != "cli.md"))
EXAMPLE_URL = "http://localhost:8080"
_BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def run_page(text: str, url: str) -> str:
    """Runs the program of a page. Returns the page with its real output. Raises the errors of the program."""
    names: dict[str, Any] = {"__name__": "page"}
    printed = ""

    def run(block: re.Match[str]) -> str:
        nonlocal printed
        kind, content = block.groups()
        if kind == "text":
            shown, printed = printed, ""
            return f"```text\n{shown}```"
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(content.replace(EXAMPLE_URL, url), "page", "exec"), names)  # noqa: S102 (the purpose of this function)
        printed += output.getvalue()
        return block.group(0)

    return _BLOCK.sub(run, text)


if __name__ == "__main__":
    chosen = [Path(name) for name in sys.argv[2:]] or PAGES
    for page in chosen:
        page.write_text(run_page(page.read_text(), sys.argv[1]))
