"""What the page of an experiment shows, as its address says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from model_registry_ui.experiments.plots import PlotQuery
from model_registry_ui.experiments.runs_table import Condition
from model_registry_ui.query import ListQuery, Preset


@dataclass(frozen=True, slots=True)
class RunsQuery:
    """What the page of an experiment shows.

    Attributes:
        listed: The filters that the server applies, order, page size and place.
        shows_all: Whether parameters that are the same in all runs are columns too.
        conditions: Conditions on parameters and metrics.
        plot: The chart.
    """

    listed: ListQuery
    shows_all: bool
    conditions: tuple[Condition, ...]
    plot: PlotQuery

    @classmethod
    def from_url(cls, pairs: Sequence[tuple[str, str]], preset: Preset) -> "RunsQuery":
        """Reads the parameters of the URL."""
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        parts = zip_longest(*(given.get(name, []) for name in ("measure", "compare", "limit")), fillvalue="")
        return cls(
            ListQuery.from_url(pairs, preset),
            shows_all=given.get("all", [""])[-1] == "1",
            conditions=tuple(Condition(*part) for part in parts if part[0] and part[2]),
            plot=PlotQuery.from_url(pairs),
        )

    def pairs(self, preset: Preset) -> list[tuple[str, str]]:
        """Returns what `from_url` reads."""
        found = list(self.listed.pairs(preset))
        if self.shows_all:
            found.append(("all", "1"))
        for one in self.conditions:
            found += [("measure", one.key), ("compare", one.comparison), ("limit", one.limit)]
        return [*found, *self.plot.pairs()]
