"""Authorization: every operation runs on the registry as the policy lets the client see and change it."""

from starlette.types import Scope

from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.registry.access import Level, UniformAccess
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.security.guarded_store import Rights, guarded_request
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.principals import principal_of
from model_registry_proxy.verbs.operations import Answer, Operation

_HIDDEN = "hidden_by_policy"


def was_hidden(scope: Scope) -> bool:
    """Whether the policy has hidden something that the request named, so that the answer was that it does not exist."""
    return bool(scope.get("state", {}).get(_HIDDEN))


class Authorized:
    """Runs operations (see `running.RunOperation`) within a policy. Raises `Forbidden`."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def __call__(self, scope: Scope, registry: Registry, operation: Operation, call: Call) -> Answer:
        """Runs an operation within the rights of the client."""
        principal = principal_of(scope)
        if principal is None:
            raise Unauthorized("It is not known who asks.")
        access = self._policy.access(principal)
        if operation.needs_role:
            access.require_somewhere(Level.READER if scope["method"] == "GET" or operation.only_reads else Level.WRITER)
        if access.is_uniform:
            uniform = UniformAccess(principal, access.general, movers=access.movers)
            return await operation.verb(Request(registry, access=uniform), operation, call)
        rights = Rights(registry, access)
        try:
            return await operation.verb(guarded_request(registry, rights), operation, call)
        finally:
            if rights.hidden:
                scope["state"][_HIDDEN] = True
