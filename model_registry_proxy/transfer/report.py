"""What an import has done, and what it could not do."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Left:
    """What the target did not take of one entity, a phrase for each.

    Parts and values stay refused when the import is repeated. Links to parents that are not there are tried again, and so are
    the values of a metric below such a parent.
    """

    parts: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What an import has done, by kind; `kept` and `refused` hold a sentence for each, `refusals` counts those by kind."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def refuse(self, kind: str, sentence: str) -> None:
        """Names one thing of a kind that the target does not have now."""
        self.refused.append(sentence)
        self.refusals[kind] += 1
