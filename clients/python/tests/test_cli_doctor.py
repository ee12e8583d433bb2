"""`mr doctor`, and the warning about whole numbers that it also finds."""

import json
from collections.abc import Callable

from model_registry_client import Registry

from tests.support.commands import Ended

Mr = Callable[..., Ended]
Unique = Callable[[str], str]


def test_whole_numbers_that_kubeflow_cannot_read_give_a_warning_and_are_found_by_doctor(
    mr: Mr, registry: Registry, unique: Unique
) -> None:
    name = unique("model")
    ended = mr("register", name, "s3://a", "--version", "1", "-P", "trained_at:=1795766384", "-P", "small:=999999999")
    (line,) = ended.err.splitlines()
    assert line.startswith("mr: warning: ")
    assert "trained_at = 1795766384" in line
    assert "small" not in line
    report = json.loads(mr("doctor", "-o", "json").out)
    (check,) = [check for check in report["checks"] if check["name"] == "whole numbers"]
    model = registry.find_registered_model(name)
    assert model
    version = registry.find_model_version("1", registered_model_id=model.id)
    assert version
    expected = {"kind": "model version", "id": version.id, "name": "1", "property": "trained_at", "value": "1795766384"}
    assert (check["status"], report["status"]) == ("warning", "warning")
    assert expected in check["values"]
    assert "trained_at = 1795766384" in mr("doctor").out
    assert "whole numbers" not in mr("doctor", "--quick").out


def test_doctor_checks_everything_and_leaves_only_archived_entities(mr: Mr, above: dict[str, str]) -> None:
    report = json.loads(mr("doctor", "--write", "-o", "json").out)
    checks = {check["name"]: check for check in report["checks"]}
    assert {check["status"] for name, check in checks.items() if name != "whole numbers"} <= {"ok", "skipped"}
    assert {
        "reachable",
        "API v1alpha3",
        "API v1",
        "health",
        "clock",
        "find run",
        "create model",
        "archive model",
    } <= set(checks)
    assert all(check["milliseconds"] > 0 for check in checks.values() if check["status"] == "ok")
    assert mr("doctor").out.splitlines()[0].split() == ["CHECK", "STATUS", "MS", "RESULT"]
    probes = json.loads(mr("search", "mr-doctor-", "--in", "models", "-o", "json").out)
    assert probes
    assert {probe["state"] for probe in probes} == {"ARCHIVED"}
