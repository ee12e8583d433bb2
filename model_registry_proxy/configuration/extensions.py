"""Which extensions of the REST API an operator has switched on."""

from model_registry_proxy.configuration.settings import Settings, SettingsError

NONE = "none"
"""In place of a list: no extension."""


def chosen_extensions(settings: Settings, known: frozenset[str]) -> frozenset[str]:
    """Returns the names of the extensions that are on; raises `SettingsError` for a name that is not among the known ones."""
    chosen = frozenset(name.strip() for name in settings.extensions.split(",")) - {""}
    if chosen == {NONE}:
        return frozenset()
    if unknown := sorted(chosen - known):
        raise SettingsError(
            f"--extensions (MR_EXTENSIONS): there is no extension {unknown[0]!r}. There are {', '.join(sorted(known))}, and {NONE}."
        )
    return chosen
