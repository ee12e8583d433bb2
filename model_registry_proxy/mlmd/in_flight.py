"""How many calls to MLMD may be in flight."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many calls of a sort may be in flight at a time. Each is a database connection at the MLMD server.

    Few calls carry more requests each: on SQLite parallel writers only collide, and on MySQL one call for many beats several.
    Links between contexts have `writes` calls of their own.
    """

    gets: int = 1
    questions: int = 8
    writes: int = 1
