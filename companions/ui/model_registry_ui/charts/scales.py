"""Scales: from a value to a position, with the ticks of the axis. Every scale is made of the values that it has to show."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

LARGEST = 1e100
"""Larger numbers are not drawn: differences between them could overflow."""
_NICE = (1, 2, 5, 10)
_FEW_DECADES, _MOST_TICKS, _MOST_TIMES = 2, 8, 6
_PLAIN = range(-5, 6)
"""The powers of ten of numbers that are written without an exponent."""
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86_400
_TIME_STEPS = (
    *(n * _SECOND for n in (1, 2, 5, 10, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 30)),
    *(n * _HOUR for n in (1, 2, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 30, 90, 365, 3650)),
)
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: its value, and its words."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale.

    Attributes:
        low, high: The ends of the axis.
        ticks: The marks between them.
        is_log: Whether distances are ratios.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]
    is_log: bool = False

    def written(self, kind: str = "") -> str:
        """Returns the ends and the kind of the scale, for the script."""
        return f"{self.low!r} {self.high!r} {'log' if self.is_log else kind}".strip()

    def part(self, value: float) -> float:
        """Returns how far a value is from `low` (0) to `high` (1). On a log axis, only for values above 0."""
        if self.is_log:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(value) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)


def is_drawable(value: float | None, *, is_log: bool = False) -> bool:
    """Returns whether a scale can show a value: a finite number that is not too large, and above 0 on a log axis."""
    return value is not None and abs(value) <= LARGEST and not (is_log and value < 1 / LARGEST)


def linear(values: Iterable[float]) -> Scale:
    """Returns a scale that begins and ends at ticks, at round numbers; from 0 to 1 without values."""
    low, high = _ends(values)
    step = _step((high - low) / 5)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale(first * step, last * step, tuple(Tick(n * step, _written(n, step)) for n in range(first, last + 1)))


def log(values: Iterable[float]) -> Scale:
    """Returns a log scale for values above 0; from 1 to 10 without any. Ticks are powers of ten, with 2 and 5 if they are few."""
    used = [value for value in values if value > 0] or [1.0]
    first, last = math.floor(math.log10(min(used))), math.ceil(math.log10(max(used)))
    last = max(last, first + 1)
    stride = math.ceil((last - first) / _MOST_TICKS)
    digits = (1, 2, 5) if last - first <= _FEW_DECADES else (1,)
    marks = [(digit, power) for power in range(first, last, stride) for digit in digits] + [(1, last)]
    ticks = tuple(Tick(digit * 10.0**power, _short(Decimal(digit).scaleb(power))) for digit, power in marks)
    return Scale(10.0**first, 10.0**last, ticks, is_log=True)


def whole(values: Iterable[float]) -> Scale:
    """Returns a scale for counts such as steps: it ends at the values, and its ticks are whole numbers."""
    low, high = _ends(values)
    step = max(_step((high - low) / 6), 1.0)
    marks = range(math.ceil(low / step), math.floor(high / step) + 1)
    return Scale(low, high, tuple(Tick(n * step, _written(n, step)) for n in marks))


def time(milliseconds: Iterable[float]) -> Scale:
    """Returns a scale of moments, in milliseconds since 1970-01-01 UTC."""
    return _of_time(milliseconds, _moment)


def duration(milliseconds: Iterable[float]) -> Scale:
    """Returns a scale of durations in milliseconds."""
    return _of_time(milliseconds, lambda seconds, _: lasting(seconds))


def category_part(index: int, count: int) -> float:
    """Returns where one of several categories stands, from 0 to 1."""
    return (index + 0.5) / count


def lasting(seconds: float) -> str:
    """Returns a duration for people in at most two units, as in `2 h 5 min`."""
    left = round(abs(seconds))
    parts = []
    for unit, size in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", _SECOND)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if seconds < 0 else "") + (" ".join(parts[:2]) or "0 s")


def short(value: float) -> str:
    """Returns a number for people with at most six digits."""
    return _short(Decimal(f"{value:.6g}"))


def thinned(ticks: Sequence[Tick], most: int) -> tuple[Tick, ...]:
    """Returns every second, third, ... tick, so that there are at most `most`."""
    stride = max(math.ceil(len(ticks) / most), 1)
    return tuple(ticks[::stride])


def _of_time(milliseconds: Iterable[float], words: Callable[[float, int], str]) -> Scale:
    low, high = _ends(milliseconds)
    step = next((one for one in _TIME_STEPS if (high - low) / 1000 / one <= _MOST_TIMES), _TIME_STEPS[-1])
    first, last = math.ceil(low / 1000 / step), math.floor(high / 1000 / step)
    stride = max(math.ceil((last - first + 1) / _MOST_TICKS), 1)
    marks = range(first, last + 1, stride)
    return Scale(low, high, tuple(Tick(n * step * 1000.0, words(n * step, step)) for n in marks))


def _moment(seconds: float, step: int) -> str:
    if not _EARLIEST <= seconds <= _LATEST:
        return ""
    found = datetime.fromtimestamp(seconds, UTC)
    return found.strftime("%Y-%m-%d" if step >= _DAY else "%m-%d %H:%M" if step >= _MINUTE else "%H:%M:%S")


def _ends(values: Iterable[float]) -> tuple[float, float]:
    """The smallest and the largest value, never equal, and so far apart that a double can hold marks between them."""
    used = list(values) or [0.0, 1.0]
    low, high = min(used), max(used)
    least = max(abs(low), abs(high)) * 1e-12 or 1.0
    if high - low >= least:
        return low, high
    margin = max(abs(low) * 1e-3, least) if low else 1.0
    return low - margin, high + margin


def _step(rough: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((digit * power for digit in _NICE if digit * power >= rough * (1 - 1e-9)), 10 * power)


def _written(count: int, step: float) -> str:
    return _short(count * Decimal(f"{step:.1g}"))


def _short(number: Decimal) -> str:
    if not number:
        return "0"
    plain = number.normalize()
    exponent = plain.adjusted()
    return f"{plain:f}" if exponent in _PLAIN else f"{plain:e}".replace("e+", "e").replace("E+", "e").replace("E", "e")
