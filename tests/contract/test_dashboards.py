"""The dashboard and the alerts name metrics and labels that the code has, in PromQL that parses."""

import ast
import json
import re
from collections.abc import Iterator

import promql_parser
import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from model_registry_proxy.observability import metrics
from tests.support.processes import ROOT

FOLDER = ROOT / "manifests" / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
ALERTS = yaml.safe_load((FOLDER / "prometheus-alerts.yaml").read_text("utf-8"))
OF_OTHERS = {"up": set(), "process_resident_memory_bytes": set()}
"""Metrics of Prometheus and of its client library."""
OF_PROMETHEUS = {"job", "instance"}
METRICS = [thing for thing in vars(metrics).values() if isinstance(thing, MetricWrapperBase)]


def samples() -> dict[str, set[str]]:
    """Each sample that the code makes, with its labels."""
    found: dict[str, set[str]] = dict(OF_OTHERS)
    for metric in METRICS:
        labels = set(metric._labelnames)
        if isinstance(metric, Histogram):
            found |= {f"{metric._name}_{end}": labels for end in ("sum", "count")}
            found[f"{metric._name}_bucket"] = labels | {"le"}
        else:
            found[metric._name + ("_total" if metric._type == "counter" else "")] = labels
    return found


def alerts() -> Iterator[tuple[str, str]]:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def panels() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", target["expr"].replace("$__rate_interval", "5m")


ALL = dict([*alerts(), *panels()])


def selectors(node: object) -> Iterator[promql_parser.VectorSelector]:
    """The selectors of metrics in a parsed expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "args", "param"):
        below = getattr(node, name, None)
        for part in below if isinstance(below, list) else [below]:
            if part is not None and not isinstance(part, str):
                yield from selectors(part)


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_an_expression_parses_and_names_existing_metrics_and_labels(text: str) -> None:
    known = samples()
    found = list(selectors(promql_parser.parse(text)))
    assert found
    assert len(found) == len(re.findall(r"\b(?:model_registry|process)_\w+|\bup(?={)", text))
    allowed = set(OF_PROMETHEUS)
    for selector in found:
        assert selector.name in known
        allowed |= known[selector.name]
        matched = {matcher.name for matcher in selector.matchers.matchers}
        assert matched <= known[selector.name] | OF_PROMETHEUS
    grouped = {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", text) for label in labels.split(",")}
    assert grouped <= allowed


def test_a_misspelt_expression_fails() -> None:
    with pytest.raises(ValueError, match="invalid promql"):
        promql_parser.parse("sum by (job (up))")


def test_every_metric_is_shown() -> None:
    shown = " ".join(text for _, text in panels())
    assert [metric._name for metric in METRICS if metric._name not in shown] == []


def test_an_alert_says_what_is_wrong_and_what_to_do() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert set(rule["annotations"]) == {"summary", "description"}
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}


def test_labels_in_alerts_and_legends_are_those_of_their_expressions() -> None:
    texts = {rule["expr"]: json.dumps(rule["annotations"]) for group in ALERTS["groups"] for rule in group["rules"]}
    for expression, text in texts.items():
        for label in re.findall(r"\$labels\.(\w+)", text):
            assert label in expression or expression.startswith("up")
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert re.search(rf"\b{label}\b", target["expr"])


def test_statuses_codes_and_outcomes_in_expressions_exist() -> None:
    source = ast.parse((ROOT / "model_registry_proxy/observability/metrics.py").read_text("utf-8"))
    said = {node.value for node in ast.walk(source) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for text in ALL.values():
        for outcome in re.findall(r'outcome="([^"]*)"', text):
            assert outcome in said


def test_panels_do_not_overlap() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
