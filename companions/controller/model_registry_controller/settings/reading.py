"""Reads the settings from arguments and environment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model_registry_controller.kubernetes.connection import ConfigurationError
from model_registry_controller.settings.options import BY_NAME, OPTIONS, VARIABLES, Kind, Option

_TRUE, _FALSE = frozenset({"1", "t", "true"}), frozenset({"0", "f", "false"})
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smh]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smh])")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_DELETION = 15.0


class HelpWanted(Exception):
    """The arguments ask for the help; the message is its text."""


@dataclass(frozen=True)
class Names:
    """Labels, annotations and namespaces, from the variables of Kubeflow's controller.

    Attributes:
        namespace_label: The label with the namespace of the registry's Service.
        name_label: The label with its name.
        url_annotation: The annotation with the address of the registry.
        id_label: The label with the id of the deployment.
        version_label: The label with the id of the version.
        model_label: The label with the id of the model.
        finalizer: The finalizer.
        service_annotation: The annotation of a Service with its address outside the cluster.
        registries_namespace: Where registries are looked for.
    """

    namespace_label: str = VARIABLES["NAMESPACE_LABEL"][0]
    name_label: str = VARIABLES["NAME_LABEL"][0]
    url_annotation: str = VARIABLES["URL_ANNOTATION"][0]
    id_label: str = VARIABLES["INFERENCE_SERVICE_ID_LABEL"][0]
    version_label: str = VARIABLES["MODEL_VERSION_ID_LABEL"][0]
    model_label: str = VARIABLES["REGISTERED_MODEL_ID_LABEL"][0]
    finalizer: str = VARIABLES["FINALIZER"][0]
    service_annotation: str = VARIABLES["SERVICE_ANNOTATION"][0]
    registries_namespace: str = VARIABLES["REGISTRIES_NAMESPACE"][0]


@dataclass(frozen=True)
class Settings:
    """The settings of the controller.

    Attributes:
        values: The values of the flags, by name.
        names: Labels, annotations and namespaces.
        is_managed: Whether the controller works at all.
        verifies: Whether certificates of registries are checked.
    """

    values: Mapping[str, str]
    names: Names
    is_managed: bool = True
    verifies: bool = True

    def text(self, name: str) -> str:
        """Returns the value of an option; empty if it is not set."""
        return self.values.get(name) or BY_NAME[name].default

    def flag(self, name: str) -> bool:
        """Returns the value of an option that is true or false."""
        return self.text(name).lower() in _TRUE

    def number(self, name: str) -> int:
        """Returns the value of an option that is a number."""
        return int(self.text(name))

    def seconds(self, name: str) -> float:
        """Returns the value of an option that is a duration, in seconds."""
        return duration(self.text(name))

    def words(self, name: str) -> frozenset[str]:
        """Returns the words of an option that is a list with commas."""
        return frozenset(word.strip().lower() for word in self.text(name).split(",") if word.strip())


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Args:
        arguments: The arguments of the command, in the spelling of Go's flags.
        environment: The environment variables.

    Raises:
        HelpWanted: The arguments ask for the help.
        ConfigurationError: An argument is unknown, or a value does not fit.
    """
    values = {option.name: environment[option.variable] for option in OPTIONS if environment.get(option.variable)}
    values |= _parsed(list(arguments))
    for name, value in values.items():
        _check(BY_NAME[name], value)
    chosen = {name: environment.get(name) or default for name, (default, _) in VARIABLES.items()}
    names = Names(
        *(chosen[name] for name in VARIABLES if name not in {"SKIP_TLS_VERIFY", "INFERENCE_SERVICE_CONTROLLER"})
    )
    return Settings(
        values,
        names,
        is_managed=chosen["INFERENCE_SERVICE_CONTROLLER"] == "managed",
        verifies=chosen["SKIP_TLS_VERIFY"].lower() not in _TRUE,
    )


def duration(text: str) -> float:
    """Returns the seconds of a duration such as `10m` or `1m30s`. Raises `ValueError` if it is none."""
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def help_text() -> str:
    """Returns the help: all flags with their defaults, and the variables."""
    flags = [
        f"  --{each.name} {each.kind.value}\n        {each.help}"
        + (f" [{each.variable}]" if each.variable else "")
        + (f" (default {each.default})" if each.default else "")
        for each in OPTIONS
    ]
    variables = [f"  {name}\n        {help_} (default {default})" for name, (default, help_) in VARIABLES.items()]
    return "\n".join(["Usage of model-registry-controller:", *flags, "", "Variables:", *variables])


def _parsed(rest: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if word in {"-h", "-help", "--help"}:
            raise HelpWanted(help_text())
        option = BY_NAME.get(name)
        if not option or not word.startswith("-") or word.startswith("---"):
            raise ConfigurationError(
                f"{word!r} is no flag of this program: model-registry-controller --help lists them."
            )
        if equals:
            values[name] = value
        elif option.kind is Kind.FLAG:
            values[name] = "true"
        elif rest:
            values[name] = rest.pop(0)
        else:
            raise ConfigurationError(f"--{name} needs a value.")
    return values


def _check(option: Option, value: str) -> None:
    if option.kind is Kind.FLAG and value.lower() not in _TRUE | _FALSE:
        raise ConfigurationError(f"--{option.name} must be true or false; got {value!r}.")
    if option.kind is Kind.NUMBER and not (value.isascii() and value.isdigit() and int(value)):
        raise ConfigurationError(f"--{option.name} must be a whole number from 1 on; got {value!r}.")
    if option.kind is not Kind.DURATION:
        return
    try:
        seconds = duration(value)
    except ValueError:
        raise ConfigurationError(f"--{option.name} must be a duration such as 90s or 10m; got {value!r}.") from None
    if seconds <= 0:
        raise ConfigurationError(f"--{option.name} must be longer than nothing; got {value!r}.")
    if option.name == "deletion-timeout" and seconds > _LONGEST_DELETION:
        raise ConfigurationError(f"--{option.name} must be at most 15s; got {value!r}.")
