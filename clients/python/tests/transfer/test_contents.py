"""What an import writes for an entity of the source."""

from typing import Any

from model_registry_client.entities import Metric, Parameter
from model_registry_client.transfer.contents import body_of, history_body, is_same


def same(_: Any, id_: str) -> str:
    """Ids are the same at the target."""
    return id_


def test_a_value_without_a_time_is_not_given_that_of_the_import() -> None:
    assert body_of(Metric, {"name": "loss", "value": 1.5}, same)["timestamp"] == ""
    assert history_body(Metric, {"name": "loss", "value": 1.5})["timestamp"] == ""
    assert body_of(Metric, {"name": "loss", "value": 1.5, "timestamp": "7"}, same)["timestamp"] == "7"
    assert "timestamp" not in body_of(Parameter, {"name": "depth", "value": "3"}, same)


def test_a_metric_without_a_time_is_the_same_at_the_target() -> None:
    body = body_of(Metric, {"name": "loss", "value": 1.5}, same)
    row = {"id": "4", "artifactType": "metric", "name": "loss", "value": 1.5}
    assert is_same(Metric, body, row)
    assert is_same(Metric, body, {**row, "timestamp": ""})
    assert not is_same(Metric, body, {**row, "timestamp": "7"})
