"""Where an error of the API stands in a form: at the field that its message names, or above all fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.fields import FormField
from model_registry_ui.page_request import PageRequest
from model_registry_ui.properties import PropertyRow

_CONFLICT, _UNAUTHORIZED, _FORBIDDEN, _UNAVAILABLE = 409, 401, 403, 503
_NAMED = re.compile(r"^(?:required field ')?([A-Za-z]+)\b|; ([A-Za-z]+) is one of")
_IN_PROPERTIES = "customProperties."
_RETRY = (
    "Nothing was lost: what you typed is still here. If the registry was interrupted, the change may be stored already. "
    "Try again in a moment."
)
_ASK = "Ask the people who run this registry for access. What you typed is still here."
_SIGN_IN = "Your sign-in has ended. Sign in again in another window, then save here. What you typed is kept."


@dataclass(frozen=True, slots=True)
class Failure:
    """What a form shows after a refused save.

    Attributes:
        status: The HTTP status of the page.
        problem: What stands above all fields; empty if a field has the error.
        advice: What to do next; may be empty.
        errors: What is wrong by the name of the field in the form.
        is_taken: Whether a name or an external id belongs to something else already.
    """

    status: int
    problem: str = ""
    advice: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    is_taken: bool = False


def failure(
    page: PageRequest, error: ApiError | Unreachable, fields: Sequence[FormField] = (), rows: Sequence[PropertyRow] = ()
) -> Failure:
    """Returns what a form shows after an error of the API.

    Raises the error itself if the user has to sign in: the page for that keeps the form and sends it again.
    """
    if isinstance(error, Unreachable):
        return Failure(_UNAVAILABLE, str(error), _RETRY)
    if error.status == _UNAUTHORIZED:
        if page.options.takes_tokens and "login" in page.addresses:
            raise error
        return Failure(error.status, error.message, _SIGN_IN)
    if error.status >= _UNAVAILABLE:
        return Failure(error.status, error.message, _RETRY)
    if error.status == _FORBIDDEN:
        return Failure(error.status, f"You may not do this. {error.message}", _ASK)
    is_taken = error.status == _CONFLICT
    if key := _place(error.message, fields, rows, is_taken=is_taken):
        return Failure(error.status, errors={key: error.message}, is_taken=is_taken)
    return Failure(error.status, error.message, is_taken=is_taken)


def _place(message: str, fields: Sequence[FormField], rows: Sequence[PropertyRow], *, is_taken: bool) -> str:
    """The name in the form of the field that a message is about; an empty text if it is about none of them."""
    known = {one.name: one.id for one in fields}
    if is_taken:
        return known.get("externalId" if "external" in message.lower() else "name", "")
    if message.startswith(_IN_PROPERTIES):
        rest = message.removeprefix(_IN_PROPERTIES)
        hits = [index for index, row in enumerate(rows) if row.name and rest.startswith(row.name)]
        return f"property-{max(hits, key=lambda index: len(rows[index].name))}" if hits else ""
    found = _NAMED.search(message)
    return known.get(found[1] or found[2], "") if found else ""
