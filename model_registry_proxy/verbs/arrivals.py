"""The time of what is posted without one: a metric that says no time was measured when it arrived, by the clock of this server."""

import time

from converters.entity import Entity
from converters.kinds import JsonObject


def with_arrival(entity: type[Entity], body: JsonObject) -> JsonObject:
    """`body` with the present time (ms since the epoch) for each value that comes without its time.

    An empty text is a time that is said to be unknown, and stays.
    """
    timeless = [
        field.rest
        for field in entity.fields.values()
        if field.time_of and body.get(field.time_of) is not None and body.get(field.rest) is None
    ]
    return {**body, **dict.fromkeys(timeless, str(time.time_ns() // 1_000_000))} if timeless else body
