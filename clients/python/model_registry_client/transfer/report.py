"""What an import has done, and what it could not do."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Left:
    """What the target does not have of one entity, a phrase for each.

    Args:
        parts: Fields and custom properties that it refused. They stay refused when the import is repeated.
        values: Values of a metric that it refused; likewise.
        links: Parents that are not there. A repeated import tries these links again.
        unreached: Values of a metric below such a parent. They are tried again too.
    """

    parts: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What an import has done.

    Args:
        made: How many entities it created, by kind.
        found: How many were at the target already, by kind.
        kept: A sentence for each entity at the target that has other content and was left as it is.
        refused: A sentence for each thing that the target does not have now.
        refusals: How many of these there are, by kind.
    """

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def refuse(self, kind: str, sentence: str) -> None:
        """Adds one thing of a kind that the target does not have now."""
        self.refused.append(sentence)
        self.refusals[kind] += 1
