"""Reads the settings. A file with credentials wins over an argument, an argument over the environment, as in Kubeflow's job."""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.settings import credentials
from model_registry_upload_job.settings.options import BY_NAME, OPTIONS, Kind, Option

_YES, _NO = frozenset({"yes", "y", "true", "t", "1"}), frozenset({"no", "n", "false", "f", "0"})


@dataclass(frozen=True)
class Settings:
    """The settings of a job. `given`: the options that a user has set."""

    values: Mapping[str, str]
    given: frozenset[str]

    def text(self, name: str) -> str:
        """Returns the value of an option; empty if it is not set."""
        return self.values.get(name) or BY_NAME[name].default or ""

    def flag(self, name: str) -> bool:
        """Returns the value of an option that is yes or no."""
        return self.text(name).lower() in _YES

    def number(self, name: str) -> int:
        """Returns the value of an option that is a number."""
        return int(self.text(name))

    def needed(self, name: str, why: str) -> str:
        """Returns the value of an option. Raises `UploadError` if it is not set; `why`: what it is needed for."""
        if value := self.text(name):
            return value
        raise UploadError(f"--{name} is needed for {why}.", f"Set it, or the variable {BY_NAME[name].variable}.")

    def public(self) -> Iterator[tuple[str, str]]:
        """Yields the options that are set, without secrets."""
        for option in OPTIONS:
            if option.name in self.given and not option.is_secret:
                yield option.name, self.values[option.name]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UploadError(f"{message[:1].upper()}{message[1:]}.", "mr-upload-job --help lists the options.")


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the arguments. Each option takes a value; `--sign` may stand by itself."""
    made = _Parser("mr-upload-job", description=__import__("model_registry_upload_job").__doc__, allow_abbrev=False)
    for option in OPTIONS:
        shown = f"{option.help} [{option.variable}]" + (f" (default: {option.default})" if option.default else "")
        optional = {"nargs": "?", "const": "true"} if option.kind is Kind.FLAG else {}
        made.add_argument(f"--{option.name}", dest=option.name, metavar="VALUE", help=shown, **optional)  # type: ignore[arg-type]
    return made


def read(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Settings:
    """Reads all settings.

    Args:
        arguments: The arguments of the command.
        environment: The variables; by default those of the process.

    Raises:
        UploadError: An argument is unknown, a value does not fit, or a file with credentials cannot be read.
    """
    environment = os.environ if environment is None else environment
    parsed = {name: value for name, value in vars(parser().parse_args(arguments)).items() if value is not None}
    values = {option.name: environment[option.variable] for option in OPTIONS if environment.get(option.variable)}
    values = {name: value.strip() for name, value in (values | parsed).items()}
    values |= credentials.of_folders(values)
    for name, value in values.items():
        _check(BY_NAME[name], value)
    values |= credentials.of_docker_config(values)
    return Settings(_with_metadata_folder(values), frozenset(values))


def _check(option: Option, value: str) -> None:
    if option.kind is Kind.FLAG and value.lower() not in _YES | _NO:
        raise UploadError(f"--{option.name} must be yes or no; got {value!r}.")
    if option.kind is Kind.NUMBER and not (value.isascii() and value.isdigit()):
        raise UploadError(f"--{option.name} must be a whole number; got {value!r}.")
    if option.choices and value not in option.choices:
        raise UploadError(f"--{option.name} must be one of {', '.join(option.choices)}; got {value!r}.")


def _with_metadata_folder(values: Mapping[str, str], usual: Path = Path("/etc/model-metadata")) -> dict[str, str]:
    return ({"metadata-configmap-path": str(usual)} if usual.is_dir() else {}) | dict(values)
