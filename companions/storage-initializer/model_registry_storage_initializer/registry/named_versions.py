"""Versions by alias (`@production`) and by range (`^1.2`), at registries that have the extensions for them."""

import ssl
from urllib.parse import quote, unquote

import httpx
from model_registry_client import ModelVersion, RegisteredModel, Registry
from model_registry_client.errors import ApiError, Invalid, NotFound, NotSupported

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.registry.uris import QUICK_SECONDS
from model_registry_storage_initializer.settings import Settings

_RANGE = ("^", "~", ">", "<", "=")
_WHERE = "Ask for a version by name, or for the newest one."


def is_question(name: str) -> bool:
    """Whether the last part of a URI asks for a version by alias or by range."""
    return name.startswith(("@", *_RANGE)) or unquote(name).startswith(_RANGE)


def named_version(registry: Registry, model: RegisteredModel, name: str, settings: Settings) -> ModelVersion:
    """Returns the version that an alias or a range stands for.

    Raises:
        Failure: Nothing has this alias or is in this range, or the registry does not know aliases or ranges.
    """
    name = unquote(name)
    what = f'the alias "{name[1:]}"' if name.startswith("@") else f'the range "{name}"'
    try:
        return ModelVersion.from_wire(_answer(registry, str(model.id), name))
    except NotSupported:
        raise _unknown(registry, what) from None
    except (NotFound, Invalid) as error:
        if isinstance(error, NotFound) and _lacks(registry, "aliases" if name.startswith("@") else "ranges", settings):
            raise _unknown(registry, what) from None
        cause = f'No version of the registered model "{model.name}" has {what} at {registry.url}: {_text(error)}'
        raise Failure(cause, _WHERE) from None


def _unknown(registry: Registry, what: str) -> Failure:
    return Failure(f"The registry at {registry.url} does not know {what}: it has no such extension", _WHERE)


def _lacks(registry: Registry, extension: str, settings: Settings) -> bool:
    """Whether the registry says what extensions it has, and this one is not among them."""
    verify = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True
    try:
        answer = httpx.get(f"{registry.url}/.well-known/model-registry", verify=verify, timeout=QUICK_SECONDS)
        return extension not in answer.json()["extensions"].get("enabled", ())
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False


def _answer(registry: Registry, model_id: str, name: str) -> object:
    below = f"/registered_models/{model_id}"
    if name.startswith("@"):
        return registry.extensions.get(f"{below}/aliases/{quote(name[1:], safe='')}/version")
    return registry.extensions.get(f"{below}/versions:resolve", {"range": name})


def _text(error: ApiError) -> str:
    return error.message or error.code
