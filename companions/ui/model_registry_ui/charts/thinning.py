"""Fewer points for one drawing: of each column the first, smallest, largest and last value, so that spikes stay."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

Point = tuple[float, float]
COLUMNS = 350
_REGULAR = 0.8
_MOST_SMOOTHED = 0.99


def thin(points: Sequence[Point], columns: int = COLUMNS) -> list[Point]:
    """Returns at most four points for each of `columns` equal parts of the x axis. `points` are in the order of x."""
    if len(points) <= 4 * columns:
        return list(points)
    low, high = points[0][0], points[-1][0]
    width = (high - low) / columns or 1.0
    kept: list[Point] = []
    column: list[Point] = []
    current = 0
    for point in points:
        number = min(int((point[0] - low) / width), columns - 1)
        if number != current:
            kept += _extremes(column)
            column, current = [], number
        column.append(point)
    return kept + _extremes(column)


def segments(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Yields the parts of a curve between gaps.

    A gap is where points are missing from an otherwise regular series: most distances are equal, and this one is larger.
    """
    distances = [after[0] - before[0] for before, after in pairwise(points)]
    usual, count = Counter(distances).most_common(1)[0] if distances else (0.0, 0)
    most = usual * 1.5 if distances and count >= _REGULAR * len(distances) else float("inf")
    part: list[Point] = []
    for point in points:
        if part and point[0] - part[-1][0] > most:
            yield part
            part = []
        part.append(point)
    if part:
        yield part


def smooth(points: Sequence[Point], weight: float) -> list[Point]:
    """Returns the exponential moving average of a curve. The first values are corrected for what is missing before them.

    Args:
        points: The curve, in the order of x.
        weight: From 0 (the curve itself) to 0.99.
    """
    weight = min(max(weight, 0.0), _MOST_SMOOTHED)
    average, rest = 0.0, 1.0
    smoothed = []
    for x, y in points:
        average = weight * average + (1 - weight) * y
        rest *= weight
        smoothed.append((x, average / (1 - rest)))
    return smoothed


def _extremes(column: Sequence[Point]) -> list[Point]:
    """The first, the smallest, the largest and the last point, in the order of x."""
    if not column:
        return []
    indices = range(len(column))
    smallest, largest = (choose(indices, key=lambda index: column[index][1]) for choose in (min, max))
    return [column[index] for index in sorted({0, smallest, largest, len(column) - 1})]
