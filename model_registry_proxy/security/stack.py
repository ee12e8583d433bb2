"""What security puts around the API: layers for what is switched on, and nothing for what is not."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.http.api import Run, run
from model_registry_proxy.security.audit import Audited, noting
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.authentication import Authenticated, Identification, identification
from model_registry_proxy.security.authorization import Authorized, policy
from model_registry_proxy.security.browsers import BrowserRules, browser_rules


@dataclass(frozen=True, slots=True)
class Stack:
    """`run` is for the API itself, `around` for what stands before it, `browsers` for all that a browser may be led to."""

    run: Run
    browsers: BrowserRules
    known: Identification | None
    file: AuditFile | None

    def around(self, api: ASGIApp, router: Router) -> ASGIApp:
        """The API behind who may come and what is recorded of them."""
        if self.known:
            api = Authenticated(api, self.known)
        api = self.browsers.around(api)
        return Audited(api, router, self.file) if self.file else api

    def close(self) -> None:
        """Closes what it has open."""
        if self.file:
            self.file.close()


def stack(settings: Settings) -> Stack:
    """What settings ask for; raises `SettingsError`."""
    known, chosen, browsers = identification(settings), policy(settings), browser_rules(settings)
    file = AuditFile(settings.audit_log) if settings.audit_log else None
    inner: Run = Authorized(chosen) if known else run
    return Stack(noting(inner) if file else inner, browsers, known, file)
