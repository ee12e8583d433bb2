"""Lists of ids in a query parameter, separated by commas."""

from converters.whole_numbers import whole_number
from model_registry_proxy.errors import BadRequest


def ids_in(text: str, name: str, most: int) -> list[int]:
    """Returns the ids in the value of the parameter `name`, each once, in the order sent. Blanks and empty parts are tolerated.

    Raises `RefusedError` for a part that is no whole number, and `BadRequest` for more than `most` ids.
    """
    ids = list(dict.fromkeys(whole_number(part.strip(), name) for part in text.split(",") if part.strip()))
    if len(ids) > most:
        raise BadRequest(f"{name} may have at most {most} ids; got {len(ids)}.")
    return ids
