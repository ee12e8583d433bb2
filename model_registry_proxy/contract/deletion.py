"""What to do instead of DELETE: nothing is ever deleted, but most kinds have a state such as ARCHIVED."""

from collections.abc import Iterator

from model_registry_proxy.contract.document import Contract, JsonObject

_RULE = "Entities are never deleted, only archived or marked"
_OUT_OF_USE = {
    "ARCHIVED": "archive it",
    "UNDEPLOYED": "say that it is no longer to be deployed",
    "DELETED": "mark it as deleted",
}
"""States that take an entity out of use, and what a PATCH to them does."""


def instead(contract: Contract, change: JsonObject | None) -> str:
    """A sentence that says what to do instead of DELETE. `change`: the body of PATCH on the same path, if it has one."""
    if change is None:
        return f'{_RULE}: PATCH {{"state": "ARCHIVED"}} on the path of one archives it, where its kind has that state.'
    found = contract.discriminator(change)
    schemas = [change, *({"$ref": reference} for reference in found[1].values())] if found else [change]
    kind = f'"{found[0]}": "...", ' if found else ""
    for schema in schemas:
        for field, states in _enums(contract, schema):
            for state, words in _OUT_OF_USE.items():
                if state in states:
                    return f'{_RULE}: {words} by PATCH {{{kind}"{field}": "{state}"}}.'
    return f"{_RULE}, and this kind has no state to archive it by."


def _enums(contract: Contract, schema: JsonObject) -> Iterator[tuple[str, list[str]]]:
    """The fields of a schema that are enums, with the values of each."""
    for branch in contract.branches(schema):
        for name, part in branch.get("properties", {}).items():
            for inner in contract.branches(part):
                if "enum" in inner:
                    yield name, inner["enum"]
