"""Recommendations beyond the recorded ones."""

import json

import pytest

from converters.errors import RefusedError
from model_catalog.index.queries import Query
from model_catalog.index.recommendations import Parameters, parameters_from, performance_page, recommended_page

from .made import artifact, model, models_of, names


def measured(latency: float, rps: float, count: int = 1, hardware: str = "A", **more: object) -> dict[str, object]:
    return artifact(
        metricsType="performance-metrics",
        ttft_p90=latency,
        requests_per_second=rps,
        hardware_count=count,
        hardware_type=hardware,
        **more,
    )


FLEET = models_of(
    model("slow", measured(300.0, 1.0), provider="Ann"),
    model("none", artifact(uri="oci://x"), provider="Ann"),
    model("quick", measured(40, 1.0, use="chat"), measured(20, 5.0, use="rag"), provider="Bob"),
    model("same", measured(300.0, 1.0, use="chat"), provider="Bob"),
)


def test_models_come_by_their_lowest_recommended_latency_and_those_without_last() -> None:
    assert names(recommended_page(FLEET, Query(), Parameters())) == ["quick", "slow", "same", "none"]


def test_conditions_on_artifacts_choose_those_that_count_and_conditions_on_models_do_not_hide_any() -> None:
    def asked(text: str) -> list[str]:
        return names(recommended_page(FLEET, Query(filter=text), Parameters()))

    assert asked("provider = 'Ann'") == ["slow", "none"]
    assert asked("artifacts.use = 'chat'") == ["quick", "same"]
    assert asked("artifacts.use = 'chat' AND provider = 'Bob'") == ["quick", "same"]


def test_pages_of_recommendations_follow_each_other_and_old_tokens_count_models() -> None:
    first = recommended_page(FLEET, Query(page_size=2), Parameters())
    assert names(recommended_page(FLEET, Query(page_size=2, token=first.next_token), Parameters())) == ["same", "none"]
    assert names(recommended_page(FLEET, Query(page_size=2, token="3"), Parameters())) == ["none"]
    with pytest.raises(RefusedError, match="invalid nextPageToken"):
        recommended_page(FLEET, Query(token="x!"), Parameters())


def test_whole_numbers_are_latencies_too_and_numbers_of_hardware_may_be_decimals() -> None:
    table = models_of(model("m", measured(100, 1, 4), measured(300.0, 1.0, 1)))
    page = performance_page(table, 0, Query(), Parameters(), only_recommended=True)
    assert list(page.rows) == [0, 1]


def test_a_dearer_set_up_must_be_quicker_by_five_in_a_hundred_and_ten_below_100_ms() -> None:
    def kept(*latencies: float) -> list[int]:
        parts = [measured(latency, 1.0, count) for count, latency in enumerate(latencies, 1)]
        page = performance_page(models_of(model("m", *parts)), 0, Query(), Parameters(), only_recommended=True)
        return list(page.rows)

    assert kept(200.0, 191.0) == [0]
    assert kept(200.0, 189.0) == [0, 1]
    assert kept(100.0, 91.0) == [0]
    assert kept(100.0, 89.0) == [0, 1]
    assert kept(200.0, 300.0) == [0]


def test_copies_for_a_target_are_shown() -> None:
    table = models_of(model("m", measured(100.0, 4.0), artifact(metricsType="performance-metrics")))
    page = performance_page(table, 0, Query(), Parameters(target_rps=10), only_recommended=False)
    first, second = (json.loads(item)["customProperties"] for item in page.items)
    assert (first["replicas"]["int_value"], first["total_requests_per_second"]["double_value"]) == ("3", 12.0)
    assert second["replicas"]["int_value"] == "10"


def test_a_property_that_no_artifact_has_is_refused_if_the_caller_named_it() -> None:
    table = models_of(model("m", measured(100.0, 4.0)), model("empty"))
    performance_page(table, 0, Query(), Parameters(), only_recommended=False, asked=["ttft_p90"])
    with pytest.raises(RefusedError, match="nosuch"):
        performance_page(table, 0, Query(), Parameters(), only_recommended=False, asked=["nosuch"])
    assert performance_page(table, 1, Query(), Parameters(), only_recommended=False, asked=["nosuch"]).size == 0


def test_empty_names_of_properties_are_the_usual_ones() -> None:
    assert parameters_from({"latencyProperty": "", "rpsProperty": "tps"}, 3) == Parameters(3, rps="tps")
