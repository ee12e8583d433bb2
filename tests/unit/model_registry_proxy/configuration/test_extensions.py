"""Extensions: which are on, and what a document has without the others."""

import pytest

from model_registry_proxy.configuration.extensions import chosen_extensions
from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.errors import UnknownPath
from model_registry_proxy.http.discovery import discovery
from model_registry_proxy.verbs.document import Contracts, contracts
from tests.support.document import contract, extensions, mlflow

ALL = Contracts(contract(), extensions(), mlflow())
PATHS = {
    "aliases": "/api/model_registry/ext/v1/registered_models/1/aliases",
    "ranges": "/api/model_registry/ext/v1/registered_models/1/versions:resolve",
    "changes": "/api/model_registry/ext/v1/changes",
    "lineage": "/api/model_registry/ext/v1/lineage",
    "mlflow": "/api/2.0/mlflow/registered-models/get",
}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("aliases", {"aliases"}), (" ranges, aliases ,", {"aliases", "ranges"}), ("none", set()), ("", set())],
)
def test_a_list_with_commas_chooses(text: str, chosen: set[str]) -> None:
    assert chosen_extensions(Settings(extensions=text), ALL.switches) == chosen


def test_all_are_on_by_default() -> None:
    assert chosen_extensions(Settings(), ALL.switches) == ALL.switches == set(PATHS)


@pytest.mark.parametrize("text", ["alias", "aliases,none", "aliases;ranges"])
def test_an_unknown_name_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(SettingsError, match="There are aliases, changes, lineage, mlflow, ranges, and none"):
        chosen_extensions(Settings(extensions=text), ALL.switches)


@pytest.mark.parametrize("chosen", [set(), {"aliases"}, {"ranges"}, {"lineage"}, {"changes"}, {"mlflow"}, set(PATHS)])
def test_what_is_off_is_served_nowhere_and_not_listed(chosen: set[str]) -> None:
    served = ALL.served(chosen)
    router = Router(*served.values())
    for name, path in PATHS.items():
        if name in chosen:
            assert router.find("GET", path)
        else:
            with pytest.raises(UnknownPath):
                router.find("GET", path)
    assert router.find("GET", "/api/model_registry/ext/v1/whoami")
    found = discovery("1.2.3", served)
    assert found["extensions"].get("enabled", []) == sorted(chosen - {"mlflow"})
    assert ("mlflow" in found) == ("mlflow" in chosen)


def test_a_document_with_all_extensions_stays_as_it_is() -> None:
    assert ALL.served(ALL.switches)["extensions"] is extensions()
    assert contracts().switches == ALL.switches
