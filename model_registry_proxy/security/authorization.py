"""What those who are known may do: every operation runs on the registry as the policy lets them see and change it."""

from pathlib import Path

from starlette.types import Scope

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.guarded_store import Rights, guarded_request
from model_registry_proxy.security.policy import Level, Policy
from model_registry_proxy.security.principals import principal_of
from model_registry_proxy.verbs.operations import Answer, Operation

_HIDDEN = "hidden_by_policy"


def was_hidden(scope: Scope) -> bool:
    """Whether something that the request named was not shown, so that it was told that there is no such thing."""
    return bool(scope.get("state", {}).get(_HIDDEN))


class Authorized:
    """Runs operations (see `running.RunOperation`) within a policy. Raises `Forbidden`."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def __call__(self, scope: Scope, registry: Registry, operation: Operation, call: Call) -> Answer:
        """Does what a request asks, as far as who asks may."""
        principal = principal_of(scope)
        if principal is None:
            raise Unauthorized("It is not known who asks.")
        access = self._policy.access(principal)
        access.require_somewhere(Level.READER if scope["method"] == "GET" else Level.WRITER)
        if access.is_uniform:
            return await operation.verb(Request(registry), operation, call)
        rights = Rights(registry, access)
        try:
            return await operation.verb(guarded_request(registry, rights), operation, call)
        finally:
            if rights.hidden:
                scope["state"][_HIDDEN] = True


def policy(settings: Settings) -> Policy:
    """The policy that settings name; raises `SettingsError`."""
    if settings.policy and not ways(settings):
        raise SettingsError(
            "--policy needs --auth tokens, jwt or gateway beside it: without knowing who asks there is nothing to hold it against."
        )
    return Policy(Path(settings.policy) if settings.policy else None)
