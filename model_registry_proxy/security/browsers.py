"""The rules for browsers, by the settings: they protect users from pages of other sites."""

from dataclasses import dataclass
from functools import partial

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.authorities import AuthorityPattern
from model_registry_proxy.http.hosts import KnownHosts, known_names
from model_registry_proxy.http.middleware import Wrap
from model_registry_proxy.http.origins import Origins, listed_origins
from model_registry_proxy.http.same_origin import SameOrigin
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.gateway import Gateway, networks


@dataclass(frozen=True, slots=True)
class BrowserRules:
    """`names`: the names of this server. They are `None` if every request needs a token, because a foreign page has none."""

    gateway: Gateway
    origins: Origins
    names: tuple[AuthorityPattern, ...] | None

    def makers(self) -> dict[str, Wrap]:
        """The checks of host and origin, by the names of `http/middleware.py`."""
        makers: dict[str, Wrap] = {"same_origin": partial(SameOrigin, origins=self.origins)}
        if self.names is not None:
            makers["known_hosts"] = partial(KnownHosts, names=self.names, trusts=self.gateway.trusts)
        return makers


def browser_rules(settings: Settings) -> BrowserRules:
    """The rules by the settings; raises `SettingsError`."""
    gateway = Gateway(networks(settings.gateway_peers))
    names, chosen = known_names(settings), ways(settings)
    is_open = not chosen or "gateway" in chosen
    return BrowserRules(gateway, Origins(listed_origins(settings), gateway.trusts), names if is_open else None)
