"""The entities of the extensions: each is declared once, as those of the logical model are in `entities.py`.

Their MLMD types begin with `mr.`, are contexts or executions, and are made when they are first needed. Programs that know the
`kf.` types only never look at them.
"""

from typing import Annotated

from converters.entities import RegisteredModel
from converters.entity import Entity, Id, Kind, References, Stored


class Alias(Entity, kind=Kind.CONTEXT, stored_as="mr.Alias", words="alias", parent=RegisteredModel):
    """A name that points to a version of a model, or nowhere. The stored name has it in lower case. There is no parent link.

    `version_id` is 0 for nowhere. `serial` counts the moves. `top` is the serial of the move that put the present version there.
    """

    registered_model_id: Annotated[Id, Stored.IN_NAME, References(RegisteredModel)]
    version_id: Id
    serial: int
    top: int
    protected: bool
    alias: str


class AliasMove(
    Entity, kind=Kind.EXECUTION, stored_as="mr.AliasMove", words="move of an alias", parent=RegisteredModel
):
    """One move of an alias. Its stored name ends with its serial, so that of two moves from one place only one can be stored.

    `under` is the serial of the move that had put the former version there: where a roll-back goes. 0 in an id stands for
    nowhere.
    """

    registered_model_id: Annotated[Id, Stored.IN_NAME, References(RegisteredModel)]
    to: Id
    from_: Id
    serial: int
    under: int
    alias: str
    actor: str
    reason: str
    kind_: str
    request_id: str
    last_known_state: Annotated[str, Stored.COLUMN]


class Step(Entity, kind=Kind.EXECUTION, stored_as="mr.Step", words="step"):
    """What took artifacts and made others, as a training does. MLMD's events say which. The stored name begins with a UUID."""

    kind_: str
    last_known_state: Annotated[str, Stored.COLUMN]


ALIASES: tuple[type[Entity], ...] = (Alias, AliasMove)
"""The entities of the extension `aliases`."""
LINEAGE: tuple[type[Entity], ...] = (Step,)
"""The entities of the extension `lineage`."""
EXTENSION_ENTITIES: tuple[type[Entity], ...] = (*ALIASES, *LINEAGE)
"""The entities of all extensions."""
