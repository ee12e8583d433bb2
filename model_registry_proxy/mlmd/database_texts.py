"""What databases say when they fail, as MLMD passes it on. The engine's process uses this too, so it imports nothing."""

import re

_DATABASE_GONE = re.compile(
    r"mysql_real_connect failed|mysql_query failed: errno: [^,]*, error: "
    r"(?:MySQL )?(?:[Ss]erver has gone away|Lost connection to|Server shutdown in progress|Connection was killed)"
)
_NOT_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+?) query|Duplicate entry .* for key '([^']+)'", re.DOTALL)
"""SQLite and MySQL: a value that must be unique is there already. One group holds the columns, or the name of the index."""
_ROLLED_BACK = ("database is locked", "database table is locked", "Deadlock found", "Lock wait timeout")
_TOO_LONG = ("Data too long", "value too long for")
"""MySQL and PostgreSQL: a text does not fit its column."""
_OUT_OF_RANGE = ("Out of range value for column 'int_value'", "out of range for type integer")
"""MySQL and PostgreSQL: a whole number does not fit its column of 32 bits."""


def database_is_gone(details: str) -> bool:
    """Returns whether MLMD lost its database. As in an outage of MLMD, it is not known what was done."""
    return _DATABASE_GONE.search(details) is not None


def is_rolled_back(details: str) -> bool:
    """Returns whether SQLite or MySQL gave a transaction up in favour of another."""
    return any(words in details for words in _ROLLED_BACK)


def not_unique(details: str) -> str | None:
    """Returns the columns or the index that refused a value, in lower case; `None` where the text says nothing of it."""
    found = _NOT_UNIQUE.search(details)
    return next(filter(None, found.groups())).lower() if found else None


def is_duplicate_row(details: str) -> bool:
    """Returns whether MySQL refused a row of a node's properties: another transaction may have stored it just before."""
    return "Duplicate entry" in details and "Property" in details


def is_too_long(details: str) -> bool:
    """Returns whether a text does not fit its column."""
    return any(words in details for words in _TOO_LONG)


def is_out_of_range(details: str) -> bool:
    """Returns whether a whole number does not fit its column."""
    return any(words in details for words in _OUT_OF_RANGE)
