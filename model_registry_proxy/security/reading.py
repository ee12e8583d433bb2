"""The policy for what everyone with any role may read, whatever the role is for: the catalog."""

from starlette.types import Scope

from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.http.api import Answer, Run
from model_registry_proxy.registry.access import Level
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.principals import principal_of


class ReadersOnly:
    """Runs calls by `run` for principals that are readers of something. Raises `Forbidden` for all others."""

    def __init__(self, run: Run, policy: Policy) -> None:
        self._run, self._policy = run, policy

    async def __call__(self, scope: Scope, call: Call) -> Answer:
        """Runs one call."""
        principal = principal_of(scope)
        if principal is None:
            raise Unauthorized("It is not known who asks.")
        self._policy.access(principal).require_somewhere(Level.READER)
        return await self._run(scope, call)
