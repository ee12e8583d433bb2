"""What people call things: `fraud`, `fraud/1.0`, `id:7`; from there to entities, and back."""

import contextlib
from collections.abc import Iterator, Sequence

from model_registry_client import Entity, Invalid, NotFound, NotSupported, Registry
from model_registry_client.bodies import Below, below

from model_registry_cli.exits import Exit, Problem
from model_registry_cli.filters import id_among, quoted
from model_registry_cli.resources import BY_WORD, REFERS_TO, Resource, entity_named, resource_of
from model_registry_cli.suggestions import near

ID, LITERAL = "id:", "name:"
"""What a reference may begin with. `name:` is for names that look like something else."""
_LOOKED_THROUGH = 1000


class References:
    """Finds what is meant on one server, and tells what things are called. Remembers parents for the length of a command."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[type[Entity], str], Entity | None] = {}

    def one(self, resource: Resource, text: str, place: Below = None) -> Entity:
        """The entity that is meant; below `place`, where that is given. Raises `Problem` where it is none or several."""
        return self.one_of((resource,), text, place)

    def one_of(self, resources: tuple[Resource, ...], text: str, place: Below = None) -> Entity:
        """The same where it may be of several kinds."""
        found = [(each, entity) for each in resources for entity in self._candidates(each, text, place)]
        if len(found) == 1:
            return found[0][1]
        if not found:
            raise self._missing(resources, text, place)
        told = ", ".join(f"id:{entity.id} ({each.word} {entity.name})" for each, entity in found)
        raise Problem(f"{text!r} may be {len(found)} things: {told}.", "Write the id that you mean.")

    def new(self, resource: Resource, text: str, place: Below = None) -> tuple[Below, str]:
        """Where something is to be made, and its name: the last part of `text`, unless the place is given."""
        text = text.removeprefix(LITERAL)
        if place or not resource.above:
            return place, text
        found = [(parent, name) for parent, name in self._splits(resource, text) if name]
        if len(found) > 1:
            told = " or ".join(f"{name!r} below {parent.name!r}" for (_, parent), name in found)
            raise Problem(f"{text!r} may be {told}.", f"Say where: --{resource.above[0]}.")
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

    def called(self, entity: Entity, place: Below = None) -> str:
        """What an entity is called, so that `one` finds it; its id where names cannot tell."""
        parts = self._parts(entity, place)
        if not parts or not all(part and part.isprintable() for part in parts):
            return f"{ID}{entity.id}"
        text = "/".join(parts)
        return LITERAL + text if text.startswith((ID, LITERAL, "-")) else text

    def name_of(self, kind: type[Entity], id_: str) -> str | None:
        """The name of something referred to; `None` where it is gone."""
        found = self._get(kind, id_)
        return found.name if found else None

    def prepare(self, entities: Sequence[Entity]) -> None:
        """Reads what entities refer to all at once, where each would be asked for when it is shown."""
        wanted: dict[type[Entity], dict[str, None]] = {}
        for entity in entities:
            for field, kind in REFERS_TO.items():
                if (id_ := getattr(entity, field, None)) and (entity_named(kind), id_) not in self._known:
                    wanted.setdefault(entity_named(kind), {})[id_] = None
        for kind_, ids in wanted.items():
            for among in id_among(list(ids)) if len(ids) > 1 else ():
                with contextlib.suppress(Invalid, NotSupported):  # then they are asked for one by one
                    self._known |= {
                        (kind_, found.id): found for found in self._registry.list(kind_, filter_query=among)
                    }

    def by_id(self, field: str, id_: str) -> Entity | None:
        """What a field refers to; `None` where it is gone, or where the field refers to nothing."""
        return self._get(entity_named(REFERS_TO[field]), id_) if field in REFERS_TO else None

    def _parts(self, entity: Entity, place: Below) -> list[str]:
        if not entity.parents:
            return [entity.name]
        for parent, id_ in [place] if place else []:
            above = self._get(parent.entity, id_)
            return [*self._parts(above, None), entity.name] if above else []
        for parent in entity.parents:
            told = getattr(entity, parent.argument, None)
            if told and (above := self._get(parent.entity, told)):
                return [*self._parts(above, None), entity.name]
        return []

    def _get(self, kind: type[Entity], id_: str) -> Entity | None:
        if (kind, id_) not in self._known:
            try:
                self._known[kind, id_] = self._registry.get(kind, id_)
            except NotFound:
                self._known[kind, id_] = None
        return self._known[kind, id_]

    def _candidates(self, resource: Resource, text: str, place: Below) -> list[Entity]:
        entity, is_literal = resource.entity, text.startswith(LITERAL)
        text = text.removeprefix(LITERAL)
        if not is_literal and text.startswith(ID) and text[len(ID) :].isdigit():
            found = self._get(entity, text[len(ID) :])
            return [found] if found else []
        if place or not entity.parents:
            found = self._registry.find(entity, text, place) if text else None
            return [found] if found else []
        found_below = [
            found
            for (argument, parent), name in self._splits(resource, text)
            if name and (found := self._registry.find(entity, name, below(entity, **{argument: parent.id})))
        ]
        return found_below or (self._alone(resource, text) if "/" not in text else [])

    def _splits(self, resource: Resource, text: str) -> Iterator[tuple[tuple[str, Entity], str]]:
        """Each way to read a text as a parent that is there and a name below it."""
        for word in resource.above:
            argument = argument_of(resource, word)
            for position in (at for at, letter in enumerate(text) if letter == "/"):
                for parent in self._candidates(BY_WORD[word], text[:position], None):
                    yield (argument, parent), text[position + 1 :]

    def _alone(self, resource: Resource, name: str) -> list[Entity]:
        """Artifacts by their name alone. Others are not sought so: their names mean little without what is above them."""
        if any(parent.is_required for parent in resource.entity.parents) or not name:
            return []
        found = self._registry.list(resource.entity, filter_query=f"name = {quoted(name)}")
        return [entity for entity in found if entity.name == name]

    def _missing(self, resources: tuple[Resource, ...], text: str, place: Below) -> Problem:
        resource = resources[0]
        words = " or ".join(each.word for each in resources)
        if text.startswith(ID):
            return Problem(f"No {words} has the {text.replace(':', ' ')}.", _shown(resource), Exit.NOT_FOUND)
        above, _, name = text.rpartition("/")
        if above and resource.above and not place:
            found = [
                parent
                for each in resources
                for word in each.above
                for parent in self._candidates(BY_WORD[word], above, None)
            ]
            if not found:
                return self._missing(tuple(BY_WORD[word] for word in resource.above), above, None)
            place = below(resource.entity, **{argument_of(resource, resource_of(found[0]).word): found[0].id})
        hint = f"For the id write id:{text}." if text.isdigit() else self._near(resource, name or text, place, above)
        paths = " or ".join(each.path for each in resources)
        if resource.above and not above and not place and not hint:
            return Problem(f"No {words} is named {text!r}.", f"Name it {paths}, or id:7.", Exit.NOT_FOUND)
        return Problem(f"No {words} is named {text!r}.", hint or _shown(resource), Exit.NOT_FOUND)

    def _near(self, resource: Resource, name: str, place: Below, above: str) -> str:
        if resource.above and not place:
            return ""
        try:
            found = self._registry.list(resource.entity, place, page_size=_LOOKED_THROUGH)
            names = [entity.name for entity, _ in zip(found, range(_LOOKED_THROUGH), strict=False)]
        except Invalid:
            return ""
        close = near(name, names)
        return f"Did you mean {' or '.join(f'{above}/{each}' if above else each for each in close)}?" if close else ""


def argument_of(resource: Resource, word: str) -> str:
    """The client's argument for a parent of this word."""
    kind = BY_WORD[word].entity
    return next(parent.argument for parent in resource.entity.parents if parent.entity is kind)


def _shown(resource: Resource) -> str:
    return f"mr {resource.name} list shows what there is."
