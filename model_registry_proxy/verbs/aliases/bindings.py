"""The operations of aliases, for the table of the extensions: they read the call, and make the answer."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from converters.entities import RegisteredModel
from converters.whole_numbers import whole_number
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.histories import history, version_at
from model_registry_proxy.verbs.aliases.moves import Terms, delete_alias, roll_back, set_alias
from model_registry_proxy.verbs.aliases.states import alias_of, aliases_of
from model_registry_proxy.verbs.operations import Answer, Operation
from model_registry_proxy.verbs.ranges import version_in


async def _list(request: Request, _: Operation, call: Call) -> Answer:
    found = await aliases_of(request, call.ids[0])
    return HTTPStatus.OK, {"items": [state.shown() for state in found], "size": len(found)}


async def _get(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, (await alias_of(request, *_named(call))).shown()


async def _set(request: Request, _: Operation, call: Call) -> Answer:
    version = whole_number(call.body["modelVersionId"], "modelVersionId")
    terms, protected = _terms(call, call.body), call.body.get("protected")
    return HTTPStatus.OK, (await set_alias(request, *_named(call), version, terms, is_protected=protected)).shown()


async def _delete(request: Request, _: Operation, call: Call) -> Answer:
    await delete_alias(request, *_named(call), _terms(call, call.query))
    return HTTPStatus.NO_CONTENT, {}


async def _version(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await version_at(request, *_named(call), call.query.get("at"))


async def _roll_back(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, (await roll_back(request, *_named(call), _terms(call, call.body))).shown()


async def _history(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await history(request, call.ids[0], call.query)


async def _in_range(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await version_in(request, call.ids[0], call.query.get("range", ""))


def _named(call: Call) -> tuple[int, str]:
    """The id of the model and the name of the alias in the path."""
    return call.ids[0], call.texts[0]


def _terms(call: Call, given: Mapping[str, Any]) -> Terms:
    expected = given.get("expectedModelVersionId")
    return Terms(
        reason=given.get("reason") or "",
        expected=None if expected is None else int(expected or 0),
        condition=call.condition,
        is_forced=bool(given.get("force")),
    )


ALIAS_OPERATIONS: Mapping[str, Operation] = {
    "getAliases": Operation(_list, RegisteredModel),
    "getAlias": Operation(_get, RegisteredModel),
    "setAlias": Operation(_set, RegisteredModel),
    "deleteAlias": Operation(_delete, RegisteredModel),
    "getAliasVersion": Operation(_version, RegisteredModel),
    "rollBackAlias": Operation(_roll_back, RegisteredModel),
    "getAliasHistory": Operation(_history, RegisteredModel),
    "resolveModelVersion": Operation(_in_range, RegisteredModel),
}
