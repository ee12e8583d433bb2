"""What security adds to the registry: its guards, how operations run within the policy, and the reader of the audit log."""

from dataclasses import dataclass

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.security.audit import noting
from model_registry_proxy.security.audit_trail import AuditTrail, trail
from model_registry_proxy.security.authorization import Authorized
from model_registry_proxy.security.guards import Guards, guards
from model_registry_proxy.security.running import RunOperation, run


@dataclass(frozen=True, slots=True)
class Stack(Guards):
    """`run` runs each operation of the registry. `trail` is absent where it is off."""

    run: RunOperation
    trail: AuditTrail | None


def stack(settings: Settings) -> Stack:
    """What settings ask for; raises `SettingsError`."""
    found = guards(settings)
    inner: RunOperation = Authorized(found.policy) if found.known else run
    return Stack(
        found.policy,
        found.browsers,
        found.known,
        found.file,
        run=noting(inner) if found.file else inner,
        trail=trail(settings.audit_log),
    )
