"""Thins a curve for a chart: fewer points, and every spike stays."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Point = TypeVar("Point")
_ENDS = 2


def thinned(points: Sequence[Point], most: int, value: Callable[[Point], float]) -> list[Point]:
    """Returns at most `most` of the points (at least 2), in their order: the first, the last, and extremes of those between.

    The points between are parted into equal buckets. Of each bucket the smallest and the largest `value` stay.
    """
    if len(points) <= most:
        return list(points)
    inner = range(1, len(points) - 1)
    buckets = (most - _ENDS) // 2
    kept = {0, len(points) - 1}
    for number in range(buckets):
        bucket = inner[number * len(inner) // buckets : (number + 1) * len(inner) // buckets]
        kept |= {
            min(bucket, key=lambda index: value(points[index])),
            max(bucket, key=lambda index: value(points[index])),
        }
    return [points[index] for index in sorted(kept)]
