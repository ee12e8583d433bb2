"""What security puts around any API: middleware for what is switched on, and nothing for what is not."""

from dataclasses import dataclass
from functools import partial

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.http.api import Run
from model_registry_proxy.http.middleware import Wrap
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.authentication import Authenticated, Identification, identification
from model_registry_proxy.security.browsers import BrowserRules, browser_rules
from model_registry_proxy.security.policy import Policy, policy_of
from model_registry_proxy.security.reading import ReadersOnly


@dataclass(frozen=True, slots=True)
class Guards:
    """`browsers` are the rules for browsers. `known` and `file` are absent where they are off."""

    policy: Policy
    browsers: BrowserRules
    known: Identification | None
    file: AuditFile | None

    def for_readers(self, run: Run) -> Run:
        """Runs calls that change nothing, for those who may read something."""
        return ReadersOnly(run, self.policy) if self.known else run

    def around_api(self, router: Router) -> dict[str, Wrap]:
        """The middleware of the API by the names of `http/middleware.py`."""
        makers = self.browsers.makers()
        if self.known:
            makers["authentication"] = partial(Authenticated, identification=self.known)
        if self.file:
            from model_registry_proxy.security.audit import Audited  # noqa: PLC0415 (it brings all verbs along)

            makers["audit_log"] = partial(Audited, router=router, file=self.file)
        return makers

    def close(self) -> None:
        """Closes the audit log."""
        if self.file:
            self.file.close()


def guards(settings: Settings) -> Guards:
    """What settings ask for; raises `SettingsError`."""
    known, policy, browsers = identification(settings), policy_of(settings), browser_rules(settings)
    return Guards(policy, browsers, known, AuditFile(settings.audit_log) if settings.audit_log else None)
