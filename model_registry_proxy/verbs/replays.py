"""Creates with an `Idempotency-Key`: a repetition is answered with what the first request created.

The mark of a create is in its node (`converters/idempotency.py`), so it costs no call. It is read only where the node exists
already: the name is taken, or the write updates a namesake.
"""

import time

from converters import names
from converters.entity import Entity
from converters.idempotency import VALID_MS, Attempt, Verdict, judge
from converters.kinds import Node
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import KeyReused, StoreError
from model_registry_proxy.mlmd.port import AlreadyExists, NotUnique
from model_registry_proxy.registry.request import Request


def note_key(request: Request, call: Call) -> None:
    """Gives the request the key of its call. A body with an `id` changes that entity, which may be repeated anyway."""
    if call.key and not call.body.get("id"):
        user = request.access.identity.user
        request.attempt = Attempt.of(call.key.text, user, call.body, time.time_ns() // 1_000_000)


def note_replay(request: Request, call: Call) -> None:
    """Notes for the answer whether the request was a repetition."""
    if call.key:
        call.key.is_replayed = request.is_replay


def is_replay(request: Request, entity: type[Entity], node: Node) -> bool:
    """Returns whether an earlier request with the same key and body wrote `node`, and notes that for the answer.

    Raises `KeyReused` where it had another body.
    """
    if request.attempt is None:
        return False
    verdict = judge(node, request.attempt)
    if verdict is Verdict.OTHER_BODY:
        raise KeyReused(entity.words, node.id)
    request.is_replay = verdict is Verdict.SAME
    return request.is_replay


def made_up(request: Request, purpose: str) -> str:
    """Returns a new name, or prefix of one, as `purpose` says. With a key it is the same each time, so a repetition collides."""
    return request.attempt.made_up(purpose) if request.attempt else names.made_up()


async def created_before(request: Request, entity: type[Entity], node: Node, error: StoreError) -> Node | None:
    """Returns the stored node that has the name of `node`, whose put was refused, where the request has a key.

    `None` where the user may not see it.
    """
    if request.attempt is None or not isinstance(error, AlreadyExists | NotUnique):
        return None
    return await request.store.find_by_name(entity.kind, entity.stored_as, node.name)


def is_too_old(request: Request, node: Node) -> bool:
    """Returns whether the key of the request no longer counts for a node that has the name which the key stands for.

    Only a name or prefix that was made from the key needs this: the request goes on with another one then.
    """
    attempt = request.attempt
    is_made = attempt is not None and any(
        part == attempt.made_up(purpose) for purpose, part in zip(("prefix", "name"), _parts(node), strict=True)
    )
    return is_made and attempt is not None and attempt.time_ms - node.create_time_since_epoch >= VALID_MS


def _parts(node: Node) -> tuple[str, str]:
    """The prefix and the name in a stored name, whether it has a prefix or not."""
    prefix, _, name = node.name.rpartition(":")
    return prefix, name
