"""References such as `fraud`, `fraud/1.0` and `id:7`: converts them to entities, and entities to references."""

import contextlib
from collections.abc import Iterator, Sequence

from model_registry_client import (
    ApiError,
    Entity,
    InferenceService,
    Invalid,
    ModelVersion,
    NotFound,
    NotSupported,
    Registry,
    ServeModel,
)
from model_registry_client.bodies import Below, below
from model_registry_client.deployment import differs

from model_registry_cli.exits import Exit, Problem
from model_registry_cli.filters import id_among, quoted
from model_registry_cli.resources import BY_WORD, REFERS_TO, Resource, entity_named, resource_of
from model_registry_cli.suggestions import near

ID, LITERAL = "id:", "name:"
"""Prefixes of a reference. `name:` is for names that look like an id or a flag."""
ALIAS = "@"
"""It parts a model from an alias or a range of it."""
_MOST_COMPARED = 1000


class References:
    """Resolves references on one server, and makes references of entities. It caches parents for one command."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[type[Entity], str], Entity | None] = {}
        self._serves: dict[str, ServeModel] = {}
        self._newest: dict[str, str] = {}

    def one(self, resource: Resource, text: str, under: Below = None) -> Entity:
        """Returns the entity of a reference.

        Args:
            resource: The kind of entity.
            text: The reference, such as `fraud/1.0` or `id:7`.
            under: The parent and its id. Then `text` is only the name below it.

        Raises:
            Problem: There is no such entity, or several.
        """
        return self.one_of((resource,), text, under)

    def one_of(self, resources: tuple[Resource, ...], text: str, under: Below = None) -> Entity:
        """Returns the entity of a reference that may be of several kinds. See `one`."""
        found = [(each, entity) for each in resources for entity in self._candidates(each, text, under)]
        if len(found) == 1:
            return found[0][1]
        if not found:
            raise self._missing(resources, text, under)
        choices = ", ".join(f"id:{entity.id} ({each.word} {entity.name})" for each, entity in found)
        raise Problem(f"{text!r} may be {len(found)} things: {choices}.", "Write one of these ids.")

    def new(self, resource: Resource, text: str, under: Below = None) -> tuple[Below, str]:
        """Returns parent and name of an entity to create. Without `under`, the name is the last part of `text`.

        Raises:
            Problem: The parent does not exist, or there are several ways to read `text`.
        """
        text = text.removeprefix(LITERAL)
        if under or not resource.above:
            return under, text
        found = [(parent, name) for parent, name in self._splits(resource, text) if name]
        if len(found) > 1:
            choices = " or ".join(f"{name!r} below {parent.name!r}" for (_, parent), name in found)
            raise Problem(f"{text!r} may be {choices}.", f"Name the parent: --{resource.above[0]}.")
        if found:
            (argument, parent), name = found[0]
            return below(resource.entity, **{argument: parent.id}), name
        if "/" not in text and not any(parent.is_required for parent in resource.entity.parents):
            return None, text
        above, _, _ = text.rpartition("/")
        if not above:
            raise Problem(
                f"A {resource.word} is named {resource.path}; got {text!r}.",
                f"Write {resource.path}, or say --{resource.above[0]}.",
            )
        raise self._missing(tuple(BY_WORD[word] for word in resource.above), above, None)

    def called(self, entity: Entity, under: Below = None) -> str:
        """Returns a reference that `one` resolves to this entity: by name if possible, else by id."""
        parts = self._parts(entity, under)
        if not parts or not all(part and part.isprintable() for part in parts):
            return f"{ID}{entity.id}"
        text = "/".join(parts)
        return LITERAL + text if text.startswith((ID, LITERAL, "-")) else text

    def name_of(self, kind: type[Entity], id_: str) -> str | None:
        """Returns the name of an entity by id; `None` if there is none."""
        found = self._get(kind, id_)
        return found.name if found else None

    def prepare(self, entities: Sequence[Entity]) -> None:
        """Reads the entities that these refer to into the cache, in a few requests instead of one for each."""
        wanted: dict[type[Entity], dict[str, None]] = {}
        for entity in entities:
            for field, kind in REFERS_TO.items():
                if (id_ := getattr(entity, field, None)) and (entity_named(kind), id_) not in self._known:
                    wanted.setdefault(entity_named(kind), {})[id_] = None
        for kind_, ids in wanted.items():
            for among in id_among(list(ids)) if len(ids) > 1 else ():
                with contextlib.suppress(Invalid, NotSupported):  # then they are read one by one
                    self._known |= {
                        (kind_, found.id): found for found in self._registry.list(kind_, filter_query=among)
                    }

        self._prepare_serves(entities)

    def _prepare_serves(self, entities: Sequence[Entity]) -> None:
        ids = [entity.id for entity in entities if isinstance(entity, InferenceService)]
        if not ids:
            return
        with contextlib.suppress(ApiError, NotSupported):  # only our servers can answer for many in one request
            serves = self._registry.extensions.newest_serves(ids)
            self._serves |= serves
            self.prepare(list(serves.values()))

    def seen(self, service: InferenceService) -> tuple[ServeModel | None, bool]:
        """Returns the newest serve of an inference service of a list, and whether it differs from what is meant to run."""
        if not (serve := self._serves.get(service.id)):
            return None, False
        meant = service.model_version_id or self._newest_version(service.registered_model_id)
        return serve, differs(service, meant, serve)

    def _newest_version(self, model_id: str) -> str:
        if model_id not in self._newest:
            under = below(ModelVersion, registered_model_id=model_id)
            found = self._registry.list(ModelVersion, under, order_by="CREATE_TIME", descending=True, page_size=1)
            self._newest[model_id] = next((version.id for version in found), "")
        return self._newest[model_id]

    def by_id(self, field: str, id_: str) -> Entity | None:
        """Returns the entity that a field refers to; `None` if there is none, or if the field is not a reference."""
        return self._get(entity_named(REFERS_TO[field]), id_) if field in REFERS_TO else None

    def _parts(self, entity: Entity, under: Below) -> list[str]:
        if not entity.parents:
            return [entity.name]
        for parent, id_ in [under] if under else []:
            above = self._get(parent.entity, id_)
            return [*self._parts(above, None), entity.name] if above else []
        for parent in entity.parents:
            parent_id = getattr(entity, parent.argument, None)
            if parent_id and (above := self._get(parent.entity, parent_id)):
                return [*self._parts(above, None), entity.name]
        return []

    def _get(self, kind: type[Entity], id_: str) -> Entity | None:
        if (kind, id_) not in self._known:
            try:
                self._known[kind, id_] = self._registry.get(kind, id_)
            except NotFound:
                self._known[kind, id_] = None
        return self._known[kind, id_]

    def _candidates(self, resource: Resource, text: str, under: Below) -> list[Entity]:
        entity, is_literal = resource.entity, text.startswith(LITERAL)
        text = text.removeprefix(LITERAL)
        if not is_literal and text.startswith(ID) and text[len(ID) :].isdigit():
            found = self._get(entity, text[len(ID) :])
            return [found] if found else []
        if under or not entity.parents:
            found = self._registry.find(entity, text, under) if text else None
            return [found] if found else []
        found_below = [
            found
            for (argument, parent), name in self._splits(resource, text)
            if name and (found := self._registry.find(entity, name, below(entity, **{argument: parent.id})))
        ]
        return found_below or self._by_alias(resource, text) or self._without_parent(resource, text)

    def _splits(self, resource: Resource, text: str) -> Iterator[tuple[tuple[str, Entity], str]]:
        """Yields each way to split a text into an existing parent and a name below it."""
        for word in resource.above:
            argument = argument_of(resource, word)
            for position in (at for at, letter in enumerate(text) if letter == "/"):
                for parent in self._candidates(BY_WORD[word], text[:position], None):
                    yield (argument, parent), text[position + 1 :]

    def _by_alias(self, resource: Resource, text: str) -> list[Entity]:
        """Finds a version by an alias or a range of its model: `churn@production`, `churn@^1.2`."""
        model, mark, name = text.rpartition(ALIAS)
        if resource.entity is not ModelVersion or not (mark and name):
            return []
        found: list[Entity] = []
        for parent in self._candidates(BY_WORD["model"], model, None):
            aliases = self._registry.alias(parent)  # type: ignore[arg-type]
            for ask in (aliases.version, aliases.resolve):
                with contextlib.suppress(Invalid, NotFound, NotSupported):
                    found.append(ask(name))
                    break
        return found

    def _without_parent(self, resource: Resource, name: str) -> list[Entity]:
        """Finds artifacts by name, without a parent. Other entities need a parent: their names are not unique without it."""
        if any(parent.is_required for parent in resource.entity.parents) or not name or "/" in name:
            return []
        found = self._registry.list(resource.entity, filter_query=f"name = {quoted(name)}")
        return [entity for entity in found if entity.name == name]

    def _missing(self, resources: tuple[Resource, ...], text: str, under: Below) -> Problem:
        resource = resources[0]
        words = " or ".join(each.word for each in resources)
        if text.startswith(ID):
            return Problem(f"No {words} has the {text.replace(':', ' ')}.", _shown(resource), Exit.NOT_FOUND)
        above, _, name = text.rpartition("/")
        if above and resource.above and not under:
            found = [
                parent
                for each in resources
                for word in each.above
                for parent in self._candidates(BY_WORD[word], above, None)
            ]
            if not found:
                return self._missing(tuple(BY_WORD[word] for word in resource.above), above, None)
            under = below(resource.entity, **{argument_of(resource, resource_of(found[0]).word): found[0].id})
        hint = f"For the id write id:{text}." if text.isdigit() else self._near(resource, name or text, under, above)
        paths = " or ".join(each.path for each in resources)
        if resource.above and not above and not under and not hint:
            return Problem(f"No {words} is named {text!r}.", f"Name it {paths}, or id:7.", Exit.NOT_FOUND)
        return Problem(f"No {words} is named {text!r}.", hint or _shown(resource), Exit.NOT_FOUND)

    def _near(self, resource: Resource, name: str, under: Below, above: str) -> str:
        if resource.above and not under:
            return ""
        try:
            found = self._registry.list(resource.entity, under, page_size=_MOST_COMPARED)
            names = [entity.name for entity, _ in zip(found, range(_MOST_COMPARED), strict=False)]
        except Invalid:
            return ""
        close = near(name, names)
        return f"Did you mean {' or '.join(f'{above}/{each}' if above else each for each in close)}?" if close else ""


def argument_of(resource: Resource, word: str) -> str:
    """Returns the argument of the client for a parent with this word."""
    kind = BY_WORD[word].entity
    return next(parent.argument for parent in resource.entity.parents if parent.entity is kind)


def _shown(resource: Resource) -> str:
    return f"mr {resource.name} list shows what there is."
