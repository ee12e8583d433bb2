"""Shell completion of references: names on the server, one part at a time."""

from collections.abc import Callable, Iterable

import typer
from model_registry_client import Entity, Registry, RetryPolicy
from model_registry_client.bodies import Below, below

from model_registry_cli.connection import choose
from model_registry_cli.filters import quoted
from model_registry_cli.resources import BY_WORD, Resource

_OFFERED = 50
_SECONDS = 2.0


def completes(resources: tuple[Resource, ...]) -> Callable[[typer.Context, str], list[str]]:
    """Returns the completion function for references to these resources. It offers nothing if the server does not respond."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        options = {
            **(ctx.find_root().obj or {}),
            **{name: value for name, value in ctx.params.items() if value is not None},
        }
        try:
            with choose({**options, "timeout": _SECONDS}).open(RetryPolicy(attempts=1)) as registry:
                return list(
                    dict.fromkeys(each for resource in resources for each in offered(registry, resource, incomplete))
                )
        except Exception:  # noqa: BLE001 (a shell cannot show messages during completion)
            return []

    return complete


def offered(registry: Registry, resource: Resource, prefix: str) -> list[str]:
    """Returns the references that begin with `prefix`. A parent ends with a slash."""
    if not resource.above:
        return [entity.name for entity in _beginning(registry, resource.entity, prefix, None)]
    found: list[str] = []
    for word in resource.above:
        parent, argument = BY_WORD[word], _argument(resource, word)
        above, slash, name = prefix.rpartition("/")
        depth = parent.path.count("/")
        if not slash or above.count("/") < depth:
            found += [f"{each}/" for each in offered(registry, parent, prefix)]
            continue
        for entity in _named(registry, parent, above):
            under = below(resource.entity, **{argument: entity.id})
            found += [f"{above}/{each.name}" for each in _beginning(registry, resource.entity, name, under)]
    return found


def _argument(resource: Resource, word: str) -> str:
    kind = BY_WORD[word].entity
    return next(parent.argument for parent in resource.entity.parents if parent.entity is kind)


def _named(registry: Registry, resource: Resource, text: str) -> Iterable[Entity]:
    above, _, name = text.rpartition("/")
    if not resource.above:
        found = registry.find(resource.entity, text)
        return [found] if found else []
    return [
        found
        for word in resource.above
        for parent in _named(registry, BY_WORD[word], above)
        if (
            found := registry.find(
                resource.entity, name, below(resource.entity, **{_argument(resource, word): parent.id})
            )
        )
    ]


def _beginning(registry: Registry, kind: type[Entity], prefix: str, under: Below) -> list[Entity]:
    pattern = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition = f"name LIKE {quoted(pattern + '%')}" if prefix and "\\" not in pattern else None
    found = registry.list(kind, under, filter_query=condition, page_size=_OFFERED)
    return [entity for entity, _ in zip(found, range(_OFFERED), strict=False) if entity.name.startswith(prefix)]
