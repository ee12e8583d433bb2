"""The chart of a numeric property above the versions of a model: its form, its address, its table, and what it says."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from model_registry_client.custom_properties import to_wire

from companions.ui.tests.registry import Registry, registry


async def filled(made: Registry, *properties: dict[str, Any]) -> str:
    """Makes a model with a version for each set of properties; returns the path of its versions."""
    model = await made.make("/registered_models", name="fraud")
    for number, values in enumerate(properties):
        await made.make(
            "/model_versions", name=f"1.{number}.0", registeredModelId=model["id"], customProperties=to_wire(values)
        )
    return f"/ui/models/{model['id']}/versions"


def drawing(text: str) -> ET.Element:
    """The drawing of a page."""
    (found,) = re.findall(r'<svg class="chart wide".*?</svg>', text, re.DOTALL)
    return ET.fromstring(found)  # noqa: S314 (made by this test)


def rows(text: str) -> list[tuple[str, str]]:
    """The names and numbers of the table of a chart."""
    table = text.partition('aria-label="Numbers of the chart"')[2].partition("</table>")[0]
    return re.findall(r'<a class="name" href="[^"]+">([^<]+)</a><td class="number">([^<]+)<td>', table)


def message(text: str) -> str:
    """What the page says in place of a drawing."""
    (found,) = re.findall(r'<p id="chart-problem" class="problem" role="alert">(.*?)</p>', text)
    return str(found)


async def test_a_property_is_drawn_over_the_versions_and_stands_in_a_table_too() -> None:
    async with registry() as made:
        path = await filled(made, {"accuracy": 0.9, "rows": 10}, {"accuracy": 0.95, "stage": "x"}, {"accuracy": 1})
        plain = await made.page(path)
        few = made.calls
        chart = await made.page(f"{path}?chart=accuracy")
        assert made.calls == few + 1
    assert '<select id="chart-property" name="chart"><option value="">None</option><option value="accuracy">' in plain
    assert 'class="chart wide"' not in plain
    assert '<option value="accuracy" selected>accuracy</option><option value="rows">' in chart
    assert rows(chart) == [("1.2.0", "1"), ("1.1.0", "0.95"), ("1.0.0", "0.9")]
    links = [one.attrib["href"] for one in drawing(chart).iter("a")]
    assert links == ["/ui/versions/2", "/ui/versions/3", "/ui/versions/4"]
    assert "The versions were created within a minute, so they stand in their order." in chart
    assert "smallest 0.9 (1.0.0), largest 1 (1.2.0), newest 1 (1.2.0)" in chart


async def test_the_links_of_the_list_keep_its_chart_and_its_filters_choose_what_is_drawn() -> None:
    async with registry() as made:
        path = await filled(made, {"accuracy": 0.9}, {"accuracy": 0.8, "gold": ""}, {"accuracy": 0.7, "gold": ""})
        text = await made.page(f"{path}?chart=accuracy&along=order&label=gold")
    assert [name for name, _ in rows(text)] == ["1.2.0", "1.1.0"]
    assert 'href="' + path + '?chart=accuracy&amp;along=order&amp;label=gold&amp;sort=name"' in text
    assert 'href="' + path + '?chart=accuracy&amp;along=order" data-live-link><span>' in text
    form = text.partition('aria-label="Chart of a property"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="label" value="gold">' in form
    assert '<option value="order" selected>' in form


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("acuracy", 'Of the newest 2 versions that match, none of them has a property "acuracy". Numbers are: accuracy.'),
        ("stage", 'Of the newest 2 versions that match, "stage" is a number in none of them. Numbers are: accuracy.'),
        ("ok", 'Of the newest 2 versions that match, "ok" is a number in none of them. Numbers are: accuracy.'),
        ("<b>", 'Of the newest 2 versions that match, none of them has a property "<b>". Numbers are: accuracy.'),
    ],
)  # fmt: skip
async def test_a_property_that_is_no_number_gets_a_sentence_that_names_those_that_are(
    asked: str, expected: str
) -> None:
    async with registry() as made:
        path = await filled(made, {"accuracy": 0.9, "stage": "x", "ok": True}, {"accuracy": 0.8})
        text = await made.page(f"{path}?chart={asked}")
    assert message(text) == expected.replace('"', "&#34;").replace("<b>", "&lt;b&gt;")
    assert 'aria-invalid="true" aria-describedby="chart-problem"' in text
    assert 'class="chart wide"' not in text


async def test_versions_without_numbers_have_no_form_and_a_chart_of_them_says_so() -> None:
    async with registry() as made:
        path = await filled(made, {"stage": "x"})
        assert 'id="chart-property"' not in await made.page(path)
        asked = await made.page(f"{path}?chart=accuracy")
        nothing = await made.page(f"{path}?chart=accuracy&q=nonsense")
    assert message(asked).endswith("They have no numeric properties at all.")
    assert message(nothing) == "No version matches the filters, so there is nothing to draw."


async def test_what_has_no_place_in_the_chart_is_counted() -> None:
    async with registry() as made:
        path = await filled(made, {"a": 1}, {"a": 10**18}, {"b": 1}, {"a": 2.5})
        text = await made.page(f"{path}?chart=a")
    assert "1 version has no place in the chart: a number is missing, or it is too large to draw." in text
    assert ("1.1.0", str(10**18)) in rows(text)


async def test_the_newest_200_versions_are_drawn_and_the_chart_says_so() -> None:
    async with registry() as made:
        path = await filled(made, *({"accuracy": number / 1000} for number in range(203)))
        text = await made.page(f"{path}?chart=accuracy")
    assert "Only the newest 200 of the versions that match are drawn." in text
    assert (rows(text)[0], rows(text)[-1], len(rows(text))) == (("1.202.0", "0.202"), ("1.3.0", "0.003"), 200)
