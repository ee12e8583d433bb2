"""The pages of environments, and the history of what the registry has, on a whole server."""

import re

from companions.ui.tests.registry import registry
from companions.ui.tests.unit.deployments.test_deployment_pages import MOST_CALLS, NAMED, fill

EVENTS = re.compile(r"</time></span> ([A-Z][a-z]+ [a-z]+)")


async def test_an_environment_lists_its_services_and_no_others() -> None:
    async with registry() as made:
        ids = await fill(made)
        second = await made.make("/serving_environments", name="staging", description="For tests.")
        fields = {"servingEnvironmentId": second["id"], "registeredModelId": ids["model"]}
        await made.make("/inference_services", name="other", **fields)
        listed = await made.page("/ui/environments")
        first = await made.page("/ui/environments/1")
        assert made.calls <= MOST_CALLS
        of_second = await made.page(f"/ui/environments/{second['id']}?meant=DEPLOYED")
    assert NAMED.findall(listed) == ["staging", "production"]
    assert NAMED.findall(first) == ["quiet 0", "bad", "good"]
    assert "<strong class=drift>drift</strong>" in first
    assert NAMED.findall(of_second) == ["other"]


async def test_the_history_of_a_deployment_has_its_serves_newest_first() -> None:
    async with registry() as made:
        ids = await fill(made)
        text = await made.page(f"/ui/deployments/{ids['bad']}/history")
        assert made.calls <= MOST_CALLS
    assert EVENTS.findall(text)[-1] == "Deployment created"
    assert EVENTS.findall(text).count("Serve recorded") == 2


async def test_the_history_of_a_model_has_its_versions_and_that_of_a_version_its_artifacts() -> None:
    async with registry() as made:
        ids = await fill(made)
        await made.make(f"/model_versions/{ids['new']}/artifacts", artifactType="doc-artifact", name="report")
        of_model = await made.page(f"/ui/models/{ids['model']}/history")
        of_version = await made.page(f"/ui/versions/{ids['new']}/history")
    assert EVENTS.findall(of_model).count("Version registered") == 2
    assert "Model registered" in EVENTS.findall(of_model)
    assert EVENTS.findall(of_version).count("Artifact created") == 1


async def test_the_history_of_a_run_has_its_start_and_its_end_in_their_order() -> None:
    async with registry() as made:
        experiment = await made.make("/experiments", name="trees")
        times = {"startTimeSinceEpoch": "1000", "endTimeSinceEpoch": "2000", "status": "FAILED"}
        run = await made.make("/experiment_runs", name="one", experimentId=experiment["id"], **times)
        text = await made.page(f"/ui/runs/{run['id']}/history")
    assert EVENTS.findall(text)[-2:] == ["Run ended", "Run started"]
    assert "state-failed" in text
