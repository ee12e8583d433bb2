"""What an import has done, and what it could not do."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Left:
    """What the target did not take of one entity: a phrase for each part, and one for each parent that it is not below."""

    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What an import has done, by kind; `kept` and `refused` hold a sentence for each."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
