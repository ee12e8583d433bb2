"""The options of filters of the recorded catalog."""

import json

from tests.support.recorded_catalog import answer

from .made import found
from .recorded_questions import recorded_catalog


def test_options_of_models_are_as_recorded() -> None:
    ours = json.loads(recorded_catalog().models.filter_options)
    assert ours == answer("answers.json", "/api/model_catalog/v1alpha1/models/filter_options")


def test_options_of_servers_are_as_recorded() -> None:
    ours = json.loads(recorded_catalog().servers.filter_options)
    assert ours == answer("answers.json", "/api/mcp_catalog/v1alpha1/mcp_servers/filter_options")


def test_a_link_that_kubeflow_loses_is_no_option_but_can_be_filtered() -> None:
    assert found(recorded_catalog().servers, "license_link = 'https://licences.test/underscore'") == ["numbered"]
