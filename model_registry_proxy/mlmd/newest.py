"""The newest or the oldest node of each of many contexts, by an MLMD server that filters: a few calls for all of them.

A page of the newest nodes of all contexts answers for the contexts that have a node on it. The next page leaves these out. So a
context with thousands of nodes takes one page at most, and each page answers for at least one more context.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.filters.listings import options
from model_registry_proxy.mlmd.listing import MOST_LISTED, Listing

Links = Callable[[Kind, Sequence[int]], Awaitable[Mapping[int, Sequence[int]]]]
"""Returns for each of at most 100 nodes of a kind the ids of the contexts that it is linked to."""


async def first_of_each(
    ask: Callable[..., Awaitable[Any]], links: Links, listing: Listing, contexts: Sequence[int]
) -> Mapping[int, Node]:
    """Returns for each context that has one the first node of a listing. `ask` sends a read to MLMD by method and fields.

    The listing says the kind, the type and the order.
    """
    kind = listing.kind
    found: dict[int, Node] = {}
    waiting, most = set(contexts), MOST_LISTED
    while waiting:
        asked = options(replace(listing, limit=most))
        asked["filter_query"] += f" AND (contexts_c.id IN ({', '.join(map(str, sorted(waiting)))}))"
        try:
            answer = await ask(f"Get{PLURAL[kind]}", options=asked)
        except MessageTooLarge:
            if most == 1:
                raise
            most //= 2
            continue
        nodes = nodes_in(kind, answer)
        linked = await links(kind, [node.id for node in nodes]) if nodes else {}
        for node in nodes:
            for context in waiting.intersection(linked.get(node.id, ())):
                found.setdefault(context, node)
        answered = waiting & found.keys()
        if not answer.next_page_token or not answered:
            break
        waiting -= answered
    return found
