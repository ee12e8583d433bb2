"""The summary of errors above a form: in the order of the fields on the page, each a link to its field."""

import re

import httpx
import pytest

from companions.ui.tests.fake_backend import browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_register import OPEN
from companions.ui.tests.unit.test_slow_and_forbidden_forms import Registry

WRONG = "mlmd-struct::x"
FORMS = (
    "/ui/models/new",
    "/ui/models/1/versions/new",
    "/ui/models/1/edit",
    "/ui/models/1/properties",
    "/ui/versions/2/edit",
    "/ui/versions/2/artifacts/new",
    "/ui/versions/2/artifacts/new?kind=metric",
    "/ui/artifacts/3/edit",
    "/ui/environments/new",
    "/ui/environments/4/edit",
    "/ui/deployments/new",
    "/ui/deployments/5/serves/new",
    "/ui/deployments/5/edit",
    "/ui/experiments/new",
    "/ui/experiments/6/runs/new",
    "/ui/runs/7/register",
)


async def with_errors(client: httpx.AsyncClient, path: str) -> str:
    """The page after everything that can be typed is wrong."""
    page = (await client.get(path)).text
    forms = [HtmlForm(page, at) for at in range(len(HtmlForm(page).forms))]
    form = max(forms, key=lambda one: len(one.pairs))
    fixed = ("_", "sought", "property-kind")
    form.pairs = [(name, value if name.startswith(fixed) else WRONG) for name, value in form.pairs]
    return (await form.send(client)).text


def targets(page: str) -> list[str]:
    """The ids to which the summary leads."""
    summary = re.search(r'<div class="problem summary-of-errors".*?</div>', page, re.DOTALL)
    assert summary
    return re.findall(r'<a href="#([^"]+)"', summary[0])


@pytest.mark.parametrize("path", FORMS)
async def test_errors_are_listed_in_the_order_of_the_fields(path: str) -> None:
    async with browsing(Registry(), OPEN) as client:
        page = await with_errors(client, path)
    found = targets(page)
    assert found
    assert [page.count(f' id="{one}"') for one in found] == [1] * len(found)
    assert sorted(found, key=lambda one: page.index(f' id="{one}"')) == found
    assert len(found) == page.count('class="error"')


@pytest.mark.parametrize(
    ("name", "kind", "value", "target"),
    [
        ("", "text", "x", "property-name-0"),
        ("a", "colour", "x", "property-kind-0"),
        ("a", "whole number", "x", "property-value-0"),
    ],
)
async def test_an_error_of_a_property_leads_to_its_part(name: str, kind: str, value: str, target: str) -> None:
    async with browsing(Registry(), OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/properties")).text)
        form.fill("property-name", name).fill("property-kind", kind).fill("property-value", value)
        page = (await form.send(client)).text
    assert targets(page) == [target]
    assert re.search(rf'id="{target}"[^>]* aria-invalid="true" aria-describedby="property-0-error"', page)
