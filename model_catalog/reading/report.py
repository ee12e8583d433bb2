"""What a reader has to say of a source, in addition to its entries."""

from dataclasses import dataclass, field

_KEPT = 100
"""A file with more failures needs no longer list to be found wrong."""
_SUMMARY = 10


@dataclass(slots=True)
class Report:
    """Sentences of a load, each with file, line and name.

    Attributes:
        failures: An entry that was left out. At most 100 are kept.
        warnings: What was not used of an entry that is there; for the log. At most 100 are kept.
        failed: How many entries were left out.
    """

    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failed: int = 0

    def fail(self, sentence: str) -> None:
        """Adds a failure."""
        self.failed += 1
        if len(self.failures) < _KEPT:
            self.failures.append(sentence)
        elif len(self.failures) == _KEPT:
            self.failures.append("And more; these are the first.")

    def summary(self) -> str:
        """The first failures, for people."""
        more = f"; and {self.failed - _SUMMARY} more" if self.failed > _SUMMARY else ""
        return "; ".join(self.failures[:_SUMMARY]) + more

    def warn(self, sentence: str) -> None:
        """Adds a warning."""
        if len(self.warnings) < _KEPT:
            self.warnings.append(sentence)
