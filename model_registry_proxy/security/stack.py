"""What security adds to the application: middleware for what is switched on, and nothing for what is not."""

from dataclasses import dataclass
from functools import partial

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.http.api import Run
from model_registry_proxy.http.middleware import Wrap
from model_registry_proxy.security.audit import Audited, noting
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_trail import AuditTrail, trail
from model_registry_proxy.security.authentication import Authenticated, Identification, identification
from model_registry_proxy.security.authorization import Authorized, policy
from model_registry_proxy.security.browsers import BrowserRules, browser_rules
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.reading import ReadersOnly
from model_registry_proxy.security.running import RunOperation, run


@dataclass(frozen=True, slots=True)
class Stack:
    """What is on.

    `run` runs each operation of the registry, `browsers` are the rules for browsers. `known`, `file` and `trail`
    are absent where they are off.
    """

    run: RunOperation
    policy: Policy
    browsers: BrowserRules
    known: Identification | None
    file: AuditFile | None
    trail: AuditTrail | None

    def for_readers(self, run: Run) -> Run:
        """Runs calls that change nothing, for those who may read something."""
        return ReadersOnly(run, self.policy) if self.known else run

    def around_api(self, router: Router) -> dict[str, Wrap]:
        """The middleware of the API by the names of `http/middleware.py`."""
        makers = self.browsers.makers()
        if self.known:
            makers["authentication"] = partial(Authenticated, identification=self.known)
        if self.file:
            makers["audit_log"] = partial(Audited, router=router, file=self.file)
        return makers

    def close(self) -> None:
        """Closes the audit log."""
        if self.file:
            self.file.close()


def stack(settings: Settings) -> Stack:
    """What settings ask for; raises `SettingsError`."""
    known, chosen, browsers = identification(settings), policy(settings), browser_rules(settings)
    file = AuditFile(settings.audit_log) if settings.audit_log else None
    inner: RunOperation = Authorized(chosen) if known else run
    return Stack(noting(inner) if file else inner, chosen, browsers, known, file, trail(settings.audit_log))
