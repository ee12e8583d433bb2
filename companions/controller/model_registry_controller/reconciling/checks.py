"""Labels that cannot be ids are refused before any request. Pure."""

from model_registry_controller.kserve.objects import KServeService
from model_registry_controller.problems import Problem
from model_registry_controller.settings.reading import Names

_MOST_DIGITS = 19
"""Ids of the registry are whole numbers of 64 bits."""


def check(item: KServeService, names: Names) -> None:
    """Raises `Problem` if a label with an id holds something else."""
    for label, value in (
        (names.id_label, item.number),
        (names.model_label, item.model_id),
        (names.version_label, item.version_id),
    ):
        if value and not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
            raise Problem(
                "InvalidLabel",
                f"The label {label} must be an id of the model registry, a whole number such as 7; it has {value!r}.",
                lasts=True,
            )
