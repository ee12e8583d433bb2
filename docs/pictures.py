"""Draws a picture from its text: boxes on a grid, and arrows between them. `make docs` writes the SVG files."""

from html import escape
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "pictures"
_COLUMN, _ROW, _MARGIN = 84, 56, 16
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle; }
  .title { font-weight: 600; font-size: 15px; }
  .label { fill: #59636e; font-size: 12px; }
  rect { fill: #f6f8fa; stroke: #8c959f; stroke-width: 1.2; }
  rect.strong { fill: #ddf4ff; stroke: #0969da; stroke-width: 2; }
  line { stroke: #59636e; stroke-width: 1.5; marker-end: url(#tip); }
  #tip path { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .label { fill: #9198a1; }
    rect { fill: #161b22; stroke: #656c76; } rect.strong { fill: #0c2d6b; stroke: #4493f8; }
    line { stroke: #9198a1; } #tip path { fill: #9198a1; }
  }
"""
_TIP = '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker>'


def svg(text: str) -> str:
    """Returns the SVG for a description: `boxes` by name with `at`, `size`, `title` and `lines`, and `arrows` between them."""
    described: dict[str, Any] = yaml.safe_load(text)
    boxes = {name: _rectangle(box) for name, box in described["boxes"].items()}
    width = max(x + w for x, _, w, _ in boxes.values()) + _MARGIN
    height = max(y + h for _, y, _, h in boxes.values()) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="name">',
        f'<title id="name">{escape(described["title"])}</title><style>{_STYLE}</style><defs>{_TIP}</defs>',
        *(_box(described["boxes"][name], rectangle) for name, rectangle in boxes.items()),
        *(_arrow(boxes[arrow["from"]], boxes[arrow["to"]], arrow["label"]) for arrow in described["arrows"]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _rectangle(box: dict[str, Any]) -> tuple[int, int, int, int]:
    (column, row), (columns, rows) = box["at"], box["size"]
    return _MARGIN + column * _COLUMN, _MARGIN + row * _ROW, columns * _COLUMN, rows * _ROW


def _box(box: dict[str, Any], rectangle: tuple[int, int, int, int]) -> str:
    x, y, width, height = rectangle
    style = ' class="strong"' if box.get("strong") else ""
    lines = [("title", box["title"]), *(("", line) for line in box["lines"])]
    top = y + height / 2 - 9 * (len(lines) - 1) + 5
    texts = [
        f'<text class="{style_}" x="{x + width / 2:g}" y="{top + 18 * number:g}">{escape(line)}</text>'
        for number, (style_, line) in enumerate(lines)
    ]
    return f'<rect{style} x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>' + "".join(texts)


def _arrow(start: tuple[int, int, int, int], end: tuple[int, int, int, int], label: str) -> str:
    """An arrow straight down, or straight to the right, from the middle of the part that both boxes share."""
    x1, y1, w1, h1 = start
    x2, y2, w2, h2 = end
    if y2 >= y1 + h1:
        x = (max(x1, x2) + min(x1 + w1, x2 + w2)) / 2
        line, text = (x, y1 + h1, x, y2), (x + 24, (y1 + h1 + y2) / 2 + 4)
    else:
        y = (max(y1, y2) + min(y1 + h1, y2 + h2)) / 2
        line, text = (x1 + w1, y, x2, y), ((x1 + w1 + x2) / 2, y - 8)
    ends = 'x1="{:g}" y1="{:g}" x2="{:g}" y2="{:g}"'.format(*line)
    named = f'<text class="label" x="{text[0]:g}" y="{text[1]:g}">{escape(label)}</text>' if label else ""
    return f"<line {ends}/>{named}"


def pictures() -> dict[Path, str]:
    """Returns each picture's file and its content."""
    return {path.with_suffix(".svg"): svg(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


if __name__ == "__main__":
    for file, content in pictures().items():
        file.write_text(content, "utf-8")
