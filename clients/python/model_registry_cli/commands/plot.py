"""The command `metrics plot`."""

import importlib.util
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import plotille
import typer

from model_registry_cli.completion import completes
from model_registry_cli.exits import Exit, Problem, say
from model_registry_cli.measurements import Series, series
from model_registry_cli.output.cells import number, printable
from model_registry_cli.output.printing import put
from model_registry_cli.output.table import has_colours
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session

_COLOURS = ("cyan", "yellow", "magenta", "green", "red", "blue", "white")
_MARGIN = 24
"""The width of the axis in columns."""
_EMPTY = " \u2800"
"""A space, and an empty Braille cell."""
COMMON = ("server", "context", "token_file", "ca", "insecure", "timeout")


def run(
    session: Session,
    run: Annotated[
        str, typer.Argument(metavar="EXPERIMENT/RUN", help="The run.", autocompletion=completes((BY_WORD["run"],)))
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="METRIC", help="The metrics. The default is all.", show_default=False),
    ] = None,
    others: Annotated[
        list[str] | None, typer.Option("--with", metavar="EXPERIMENT/RUN", help="A run to compare with. Repeatable.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Write the drawing to this PNG file.")
    ] = None,
    time: Annotated[
        bool, typer.Option("--time", help="Draw over seconds since the first value, not over steps.")
    ] = False,
    width: Annotated[
        int | None,
        typer.Option("--width", min=20, metavar="N", help="Columns. The default is the width of the terminal."),
    ] = None,
    height: Annotated[int, typer.Option("--height", min=3, metavar="N", help="Lines.")] = 18,
) -> None:
    """Draws metrics of runs in the terminal or as a PNG."""
    if png:
        _needs_matplotlib()
    drawn = series(session, [run, *(others or ())], names or (), by_time=time)
    below = "seconds" if time else "step"
    if png:
        _into_file(drawn, png, below)
        say(f"The plot is in {png}.")
        return
    columns = width or shutil.get_terminal_size().columns
    figures = [drawn] if has_colours() else [[each] for each in drawn]  # without colours, lines look the same
    put("\n\n".join(_in_terminal(each, columns, height, below) for each in figures))


def _in_terminal(drawn: Sequence[Series], width: int, height: int, below: str) -> str:
    figure = plotille.Figure()
    figure.width, figure.height = max(width - _MARGIN, 10), height
    figure.with_colors = has_colours()
    figure.x_label, figure.y_label = below, drawn[0].label if len(drawn) == 1 else "value"
    _limit(figure.set_x_limits, [x for each in drawn for x in each.x])
    _limit(figure.set_y_limits, [y for each in drawn for y in each.y])
    figure.register_label_formatter(float, _tick)
    for number_, each in enumerate(drawn):
        figure.plot(each.x, each.y, lc=_COLOURS[number_ % len(_COLOURS)], label=printable(each.label))
    lines = str(figure.show(legend=len(drawn) > 1)).splitlines()
    return "\n".join(line.rstrip(_EMPTY) for line in lines).rstrip()


def _limit(set_limits: Callable[[float, float], None], values: Sequence[float]) -> None:
    """Sets the limits of an axis to its values, if they differ."""
    if min(values) < max(values):
        set_limits(min(values), max(values))


def _tick(value: float, chars: int, delta: float, left: bool) -> str:
    """Returns the label of a tick of an axis. `delta`, the distance to the next tick, is not used."""
    del delta
    return f"{number(value):{'<' if left else '>'}{chars}}"[:chars]


def _needs_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise Problem("--png needs matplotlib.", "pip install matplotlib", Exit.USAGE)


def _into_file(drawn: Sequence[Series], png: Path, below: str) -> None:
    figure_class: Any = importlib.import_module("matplotlib.figure").Figure
    figure = figure_class(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for each in drawn:
        axes.plot(each.x, each.y, label=each.label, marker="o" if len(each.x) == 1 else "")
    axes.set_xlabel(below)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(png, format="png", dpi=120)
