"""Changes of single fields and custom properties, by MLMD's mask: others that are set at the same time stay."""

from collections.abc import Mapping

from converters import names
from converters.entity import Entity
from converters.kinds import JsonObject
from converters.nodes import to_change
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.port import Conflict
from model_registry_proxy.registry.changed import note_changed
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.failed_writes import explain


async def change(
    request: Request,
    entity: type[Entity],
    row: JsonObject,
    fields: JsonObject | None = None,
    texts: Mapping[str, str | None] | None = None,
    *,
    is_permitted: bool = False,
) -> None:
    """Sets fields of a row, and custom properties to texts; `None` removes one.

    Changes of several rows that mention the same names, and run at the same time, are one transaction. `is_permitted`: what
    the extensions check of a change is known to hold. Raises `Conflict`, `BadRequest`, `RefusedError`.
    """
    fields, texts = fields or {}, texts or {}
    for check in () if is_permitted else request.registry.checks.get(entity, ()):
        await check(request, int(row["id"]), fields)
    node, mask = to_change(entity, int(row["id"]), fields, type_id=request.type_id(entity))
    for key, text in texts.items():
        names.check_length(f"The tag {key[:40]!r}", key)
        if text is not None:
            node.custom_properties[key].string_value = text
        mask.append(f"custom_properties.{key}")
    request.check_size(node)
    try:
        async with request.registry.locks.shared((entity.kind, int(row["id"]))):
            await request.store.change(node, mask)
    except Conflict:
        raise
    except StoreError as error:
        raise await explain(request, entity, node, {**fields, "customProperties": texts}, error) from None
    changed = [*fields, *(f"customProperties.{key}" for key in texts)]
    note_changed(entity, row["id"], row["name"], sorted(changed))
