"""The default of a value's time: a metric that is sent without a time gets the time of its arrival, by the clock of this server."""

import time

from converters.entity import Entity
from converters.kinds import JsonObject


def with_default_times(entity: type[Entity], body: JsonObject) -> JsonObject:
    """Returns `body` with the present time (ms since the epoch) for each value that has no time.

    An empty text means that the time is unknown, and stays.
    """
    timeless = [
        field.rest
        for field in entity.fields.values()
        if field.time_of and body.get(field.time_of) is not None and body.get(field.rest) is None
    ]
    return {**body, **dict.fromkeys(timeless, str(time.time_ns() // 1_000_000))} if timeless else body
