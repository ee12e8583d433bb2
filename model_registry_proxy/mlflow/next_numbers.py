"""The number of a new version: one more than the greatest so far.

The process remembers the greatest number of a model, so that a new version takes no list. Another process may have taken the
number; the store then refuses the name, and the newest versions are read again.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from converters import names
from converters.entities import ModelVersion
from model_registry_proxy.errors import Conflict
from model_registry_proxy.mlflow.version_numbers import own_number
from model_registry_proxy.mlmd.listing import Listing
from model_registry_proxy.registry.request import Request

Result = TypeVar("Result")
_LOOKED_AT = 20
_ATTEMPTS = 50


async def with_next_number(request: Request, model: int, create: Callable[[int], Awaitable[Result]]) -> Result:
    """Returns what `create` returns for the next number of a model. A `Conflict` leads to a greater one; raises the last."""
    for _ in range(_ATTEMPTS - 1):
        number = await _next(request, model)
        try:
            return await create(number)
        except Conflict:
            await _learn(request, model, taken=number)
        except BaseException:
            _give_back(request, model, number)
            raise
    return await create(await _next(request, model))


async def _next(request: Request, model: int) -> int:
    """Returns a number that no other request of this process gets."""
    greatest = request.memories.version_numbers
    if model not in greatest:
        await _learn(request, model)
    greatest[model] += 1
    return greatest[model]


async def _learn(request: Request, model: int, *, taken: int = 0) -> None:
    """Reads the greatest number among the newest versions. `taken`: a number that the store has just refused; 0 for none."""
    greatest = request.memories.version_numbers
    listing = Listing(
        ModelVersion.kind, types=(request.type_id(ModelVersion),), below=model, is_ascending=False, limit=_LOOKED_AT
    )
    async with request.registry.locks.exclusive(("version number", model)):
        if not taken and model in greatest:  # another request has read it while this one waited
            return
        page = await request.store.list_nodes(listing)
        found = [own_number(names.split(ModelVersion, node.name)[1]) or 0 for node in page.nodes]
        greatest[model] = max([taken, greatest.get(model, 0), *found])


def _give_back(request: Request, model: int, number: int) -> None:
    """Frees the number of a request that has failed, so that no number is left out, unless a later one was given since."""
    if request.memories.version_numbers.get(model) == number:
        request.memories.version_numbers[model] = number - 1
