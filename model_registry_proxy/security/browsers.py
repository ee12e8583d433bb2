"""What protects users of browsers from foreign pages: the rules of hosts and origins, as the settings have them."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.authorities import AuthorityPattern
from model_registry_proxy.http.cors import Cors
from model_registry_proxy.http.hosts import KnownHosts, known_names
from model_registry_proxy.http.origins import Origins, SameOrigin, listed_origins
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.gateway import Gateway, networks


@dataclass(frozen=True, slots=True)
class BrowserRules:
    """`names` are this server's; `None` where every request has to bring a token, which a foreign page does not have."""

    gateway: Gateway
    origins: Origins
    names: tuple[AuthorityPattern, ...] | None

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application behind the checks of host and origin."""
        app = SameOrigin(app, self.origins)
        return app if self.names is None else KnownHosts(app, self.names, self.gateway.trusts)

    def permitting(self, app: ASGIApp) -> ASGIApp:
        """The application with CORS permission for the listed origins."""
        return Cors(app, self.origins)


def browser_rules(settings: Settings) -> BrowserRules:
    """The rules that the settings ask for; raises `SettingsError`."""
    gateway = Gateway(networks(settings.gateway_peers))
    names, chosen = known_names(settings), ways(settings)
    is_open = not chosen or "gateway" in chosen
    return BrowserRules(gateway, Origins(listed_origins(settings), gateway.trusts), names if is_open else None)
