"""Pages from templates. Every text is escaped, an undefined name is an error, and invisible characters are shown by their code."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from model_registry_client.entity import moment

from model_registry_ui import static_files
from model_registry_ui.charts.curves import VIEW_BOX, VIEW_BOX_OF_ONE
from model_registry_ui.charts.scales import lasting, short
from model_registry_ui.filters import OPERATORS
from model_registry_ui.query_grammar import FIELDS, GRAMMAR
from model_registry_ui.shown_text import clipped, visible
from model_registry_ui.snippets import with_port

FOLDER = Path(__file__).parent / "templates"


def _shown(value: Any) -> Any:
    """What a template prints: text of the store with its invisible characters by their codes, and never `None`."""
    if value is None:
        return ""
    return visible(value) if type(value) is str else value


def exact(text: str) -> Markup:
    """Returns text for a field of a form: escaped, but with all its characters as they are."""
    return escape(text)


def as_moment(value: Any) -> datetime | None:
    """Returns a time of the API (milliseconds as text), or a time, in UTC; `None` without one."""
    return value.astimezone(UTC) if isinstance(value, datetime) else moment(value)


def utc(value: Any) -> str:
    """Returns a time for people, as in `2026-11-27 22:31`; empty without one."""
    found = as_moment(value)
    return found.strftime("%Y-%m-%d %H:%M") if found else ""


def iso(value: Any) -> str:
    """Returns a time for machines; empty without one."""
    found = as_moment(value)
    return found.isoformat(timespec="seconds").replace("+00:00", "Z") if found else ""


def number(value: float) -> str:
    """Returns a number without loss: a decimal in the shortest form that reads back the same."""
    return str(value) if isinstance(value, int) else repr(value)


@cache
def environment() -> Environment:
    """The environment of all templates."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(clipped=clipped, exact=exact, iso=iso, number=number, utc=utc, lasting=lasting, short=short)
    made.filters["with_port"] = with_port
    made.globals["operators"] = OPERATORS
    made.globals.update(size_of_curves=VIEW_BOX, size_of_curve=VIEW_BOX_OF_ONE)
    made.globals["grammar"] = GRAMMAR
    made.globals["fields_of_queries"] = FIELDS
    made.globals["static"] = {name: file.name for name, file in static_files.files().items()}
    return made


def render(template: str, context: Mapping[str, Any]) -> str:
    """Returns a page as HTML; raises jinja2's errors for a fault in a template."""
    return environment().get_template(template).render(context)
