"""Writes SVG: elements with escaped attributes and texts, and short numbers. There are no inline styles."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from model_registry_ui.shown_text import clipped, visible

Attribute = str | float | None
_WIDE = 800
"""From this width on a chart may be wider on the page."""


def coordinate(value: float) -> str:
    """Returns a coordinate with at most one digit after the point."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 1 else f"{value:.1f}".removesuffix(".0")


def element(name: str, *children: str | Markup, **attributes: Attribute) -> Markup:
    """Returns an element.

    Args:
        name: The name of the element.
        children: Texts, which are escaped, and elements. Invisible characters are shown by their codes.
        attributes: Its attributes. `None` leaves one out, a final underscore is dropped (`class_`), and others become hyphens.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(one if isinstance(one, Markup) else escape(visible(one)) for one in children)
    return Markup(f"<{name}{written}>{content}</{name}>")  # noqa: S704 (all that is not Markup was escaped)


def label(content: str, x: float, y: float, most: int = 24, **attributes: Attribute) -> Markup:
    """Returns a text of the store at a position. It is cut to `most` characters; then its whole text is its title."""
    shown = visible(content)
    short = clipped(shown, most)
    children = [short] if short == shown else [element("title", shown), short]
    return element("text", *children, x=x, y=y, **attributes)


def chart(
    key: str,
    title: str,
    description: str,
    size: tuple[float, float],
    children: Iterable[Markup],
    *,
    has_links: bool = False,
    **more: Attribute,
) -> Markup:
    """Returns a whole chart, with a title and a description for screen readers.

    Args:
        key: A word that is unique on the page; ids are made of it.
        title: What it is.
        description: What it shows.
        size: Width and height of the drawing.
        children: Its content.
        has_links: Whether there are links in it. Then screen readers may look into it.
        more: Further attributes, such as those that the script reads.
    """
    width, height = size
    return element(
        "svg",
        element("title", visible(title), id=f"{key}-title"),
        element("desc", visible(description), id=f"{key}-description"),
        *children,
        class_="chart wide" if width > _WIDE else "chart",
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        role="group" if has_links else "img",
        aria_labelledby=f"{key}-title {key}-description",
        preserveAspectRatio="xMidYMid meet",
        **more,
    )


def path(points: Iterable[tuple[float, float]]) -> str:
    """Returns the `d` of a path through points."""
    return "M" + " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)


def _value(value: str | float) -> str:
    return coordinate(value) if isinstance(value, int | float) else escape(visible(str(value)))
