"""Aliases of models, for tests."""

from tests.support.serving import EXTENSIONS, Served


async def an_alias(served: Served, name: str = "aliased") -> dict[str, str]:
    """Creates a model with three versions and an alias that has moved; returns the ids, and a time after all that."""
    ids = {"aliased": (await served.make("/registered_models", name=name))["id"]}
    for number, version in enumerate(("first", "second", "third")):
        body = {"name": f"{number}.0.0", "registeredModelId": ids["aliased"]}
        ids[version] = (await served.make("/model_versions", **body))["id"]
    ids |= {"alias": "production", "later": "4102444800000"}
    await move_to_second(served, ids)
    return ids


async def move_to_second(served: Served, ids: dict[str, str]) -> None:
    """Moves the alias to the first version and to the second one, so that it can be moved on, removed and rolled back."""
    address = f"{EXTENSIONS}/registered_models/{ids['aliased']}/aliases/{ids['alias']}"
    for version in ("first", "second"):
        moved = await served.client.put(address, json={"modelVersionId": ids[version]})
        assert moved.is_success, moved.text
