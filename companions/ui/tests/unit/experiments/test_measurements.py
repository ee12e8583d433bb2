"""Parameters and metrics are read from artifacts, with numbers where there are numbers."""

import pytest
from model_registry_client.entities import Artifact
from model_registry_ui.experiments.measurements import Measure, as_number, by_run, differing, names


def artifact(run: str, kind: str, name: str, value: object, **more: object) -> Artifact:
    return Artifact.from_wire({"artifactType": kind, "name": name, "value": value, "experimentRunId": run, **more})


def test_parameters_and_metrics_are_grouped_by_run() -> None:
    found = by_run(
        [
            artifact("1", "parameter", "rate", "0.10"),
            artifact("1", "parameter", "version", "1.10", parameterType="string"),
            artifact("1", "metric", "loss", 0.5, step=3),
            artifact("2", "metric", "loss", 0.7),
            artifact("", "metric", "standalone", 1.0),
        ]
    )
    assert set(found) == {"1", "2"}
    assert found["1"].parameters == {"rate": Measure("0.10", 0.1), "version": Measure("1.10", None)}
    assert found["1"].metrics == {"loss": Measure("0.5", 0.5, 3)}


def test_of_two_with_one_name_the_later_change_counts() -> None:
    older = artifact("1", "metric", "loss", 1.0, lastUpdateTimeSinceEpoch="5")
    newer = artifact("1", "metric", "loss", 2.0, lastUpdateTimeSinceEpoch="6")
    assert by_run([newer, older])["1"].metrics["loss"].number == 2.0


def test_a_name_differs_if_a_value_differs_or_is_missing() -> None:
    runs = [{"a": Measure("1"), "b": Measure("1"), "c": Measure("1")}, {"a": Measure("1"), "b": Measure("2")}]
    assert differing(runs) == ["b", "c"]
    assert names(runs) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("-0.5e-3", -0.0005),
        (".5", 0.5),
        ("nan", None),
        ("1e999", None),
        ("0x1", None),
        ("", None),
        ("1 000", None),
        ("٣", None),
    ],
)
def test_a_text_is_a_number_only_if_it_is_written_as_one(text: str, number: float | None) -> None:
    assert as_number(text) == number
