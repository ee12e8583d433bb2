"""Single conditions in MLMD's filter_query: one form for each place where a field or custom property is kept.

Each condition is exact or wider: it keeps every row that matches. `None` means that MLMD cannot help. For a property, MLMD can
always check at least that it is there.
"""

import re
from dataclasses import dataclass, field

from converters.entity import AttributedTo, Stored
from converters.filters.names import FieldKind, Names, Subject, whole
from converters.filters.tree import In, IsNull, Leaf
from model_registry_proxy.mlmd.filters import text as mlmd_text
from model_registry_proxy.mlmd.filters.columns import (
    ENUMS,
    NEVER,
    Wide,
    any_of,
    by_enum,
    starts_anywhere,
    text_conditions,
    values_of,
    whole_condition,
)
from model_registry_proxy.mlmd.filters.properties import by_property

_SAYABLE_NAME = re.compile(r"[0-9a-z_ ./:@#-]+")
_BARE_NAME = re.compile(r"[a-z_][0-9a-z_]*")
_UNSAYABLE_NAMES = mlmd_text.COLUMN_NAMES | {"properties", "custom_properties"}


@dataclass(slots=True)
class ConditionWriter:
    """Writes the conditions of one filter_query. It remembers the names of properties, since MLMD confuses some with others."""

    names: Names
    mentioned: set[str] = field(default_factory=set)

    def condition(self, leaf: Leaf, *, negated: bool, scope: int) -> Wide | None:
        """Returns the condition for one leaf of the tree, or for its negation.

        Conditions on contexts with the same `scope` are about the same context.
        """
        if isinstance(leaf, In) and not leaf.values:
            return None if negated else NEVER
        subject = self.names.subject(leaf.path)
        if not subject.fields:
            return self._custom(leaf, subject, negated=negated)
        places = {
            (_PROPERTY if each.place is Stored.KEPT_WHEN_EMPTY else each.place, each.stored) for each in subject.fields
        }
        if len(places) > 1 or len({each.attributed_to for each in subject.fields}) > 1:
            return None
        [(place, stored)] = places
        match place:
            case Stored.OF_PARENT:
                return None
            case Stored.BY_ATTRIBUTION:
                return _by_attribution(leaf, subject.fields[0].attributed_to, negated=negated, scope=scope)
            case Stored.IN_NAME:
                return None if negated else _in_name(leaf, "name")
            case Stored.COLUMN if stored in ENUMS:
                return by_enum(leaf, subject, stored, negated=negated)
            case Stored.COLUMN:
                return self._column(leaf, subject, stored, negated=negated)
            case _:
                return by_property(leaf, subject, f"properties.{stored}", negated=negated)

    def _custom(self, leaf: Leaf, subject: Subject, *, negated: bool) -> Wide | None:
        """A custom property, if MLMD can find its name. MLMD makes names lower case, uses them as patterns and escapes nothing."""
        if len(subject.customs) > 1:  # a row may have either, and MLMD cannot ask for one of two properties
            return None
        [name] = subject.customs
        if not _SAYABLE_NAME.fullmatch(name) or name in _UNSAYABLE_NAMES or mlmd_text.is_risky(name):
            return None
        if any(_confusable(name, other) for other in self.mentioned):
            return None
        self.mentioned.add(name)
        reference = name if _BARE_NAME.fullmatch(name) else f"`{name}`"
        return by_property(leaf, subject, f"custom_properties.{reference}", negated=negated)

    def _column(self, leaf: Leaf, subject: Subject, column: str, *, negated: bool) -> Wide | None:
        if subject.kinds == (FieldKind.WHOLE,):
            return whole_condition(leaf, column, negated=negated)
        if negated:
            return None
        if column == "name":
            return self._name(leaf)
        return any_of(text_conditions(leaf, column), ())

    def _name(self, leaf: Leaf) -> Wide | None:
        """The REST name. In the stored name a prefix may stand before it, and a suffix behind it."""
        is_owned = {entity.is_owned() for entity in self.names.entities}
        after = "%" if any(entity.suffix_mark for entity in self.names.entities) else ""
        if is_owned == {False}:
            return any_of(text_conditions(leaf, "name"), ())
        befores = ("",) if starts_anywhere(leaf) else ("%:", "")
        texts = [text for before in befores for text in text_conditions(leaf, "name", before=before, after=after)]
        return any_of(texts, ())


_PROPERTY = Stored.PROPERTY


def _confusable(name: str, other: str) -> bool:
    """Whether MLMD would read one name as the other: a dot matches any character."""
    return (
        name != other
        and len(name) == len(other)
        and all(a == b or "." in {a, b} for a, b in zip(name, other, strict=True))
    )


def _in_name(leaf: Leaf, column: str) -> Wide | None:
    """The parent's id, which is the prefix of the name. The Go proxy keeps leading zeros and a sign that a client sent."""
    numbers = [number for value in values_of(leaf) if (number := whole(value.content)) is not None]
    if not numbers or min(numbers) < 0:
        return None
    conditions = [f'{column} LIKE "{sign}{number}:%"' for number in numbers for sign in ("", "0%", "+%")]
    return any_of(conditions, ())


def _by_attribution(leaf: Leaf, target: AttributedTo | None, *, negated: bool, scope: int) -> Wide | None:
    """A field of the contexts that an artifact is attributed to: one of the joined contexts must fit."""
    if target is None or (isinstance(leaf, IsNull) and not negated):
        return None
    alias = f"contexts_f{scope}"
    is_target = f'{alias}.type = "{target.entity.stored_as}"'
    wide = None if negated else _of_context(leaf, target, alias)
    if wide is None or wide is NEVER:
        return Wide(is_target, frozenset({alias}))
    return Wide(f"{is_target} AND {wide.text}", frozenset({alias}), wide.size + 1)


def _of_context(leaf: Leaf, target: AttributedTo, alias: str) -> Wide | None:
    """The condition on the context's own id, or on an id in its name; MLMD reads no other field of a joined context here."""
    if target.stored == "id":
        return whole_condition(leaf, f"{alias}.id", negated=False)
    is_in_name = any(
        each.stored == target.stored and each.place is Stored.IN_NAME for each in target.entity.fields.values()
    )
    return _in_name(leaf, f"{alias}.name") if is_in_name else None
