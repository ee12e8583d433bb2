"""The operation table of the extensions: what each operationId of their document does."""

from collections.abc import Mapping
from http import HTTPStatus

from converters.entities import RegisteredModel
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.identity import identity
from model_registry_proxy.verbs.operations import OPERATIONS, Answer, Operation


async def _identity(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await identity(request, operation.entity, call.query)


EXTENSIONS: Mapping[str, Operation] = {
    "getIdentity": Operation(_identity, RegisteredModel, needs_role=False),
}

BOUND: Mapping[str, Operation] = {**OPERATIONS, **EXTENSIONS}
"""The operations of all documents."""
