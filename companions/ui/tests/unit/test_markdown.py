"""Cards: what Markdown can say is shown, and nothing of it runs, loads from other hosts, or leads to other schemes."""

import asyncio
import threading
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from model_registry_ui import markdown
from model_registry_ui.highlighting import highlighted
from model_registry_ui.markdown import Cards, render

ALLOWED = {
    "a": {"href", "rel", "title"},
    "img": {"src", "alt"},
    "pre": {"class", "tabindex"},
    "code": set(),
    "span": {"class"},
    "br": set(),
    "hr": set(),
    "p": set(),
    "em": set(),
    "strong": set(),
    "s": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "blockquote": set(),
    "table": set(),
    "thead": set(),
    "tbody": set(),
    "tr": set(),
    "th": {"class"},
    "td": {"class"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
}
CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JAVASCRIPT:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](javascript:alert(1))",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "<javascript:alert(1)>",
    '[a](https://x.example "t\' onmouseover=alert(1)")',
    "[a]: javascript:alert(1)\n\n[a]",
    '![x"onerror="alert(1)](https://x.example/a.png)',
    '```"><script>\n</script>\n```',
    "`<b>`",
    "<a href='//x'>",
    "[a](//x.example/)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](\\\\x.example)",
    "[a](java&#115;cript:alert(1))",
    "&lt;script&gt;",
    "<!-- x -->",
    "[a](https://user@x.example)",
    "| a |\n|:-:|\n| <b> |",
    "# <img>\n## a",
    "</textarea></title><svg onload=alert(1)>",
    "[a](/logout)",
    "![a](data:image/png;base64,iVBORw0KGgo=)",
    "[a](data:image/png;base64,iVBORw0KGgo=)",
    "<style>*{}</style>",
    "[a](#b)",
]


class Elements(HTMLParser):
    """The elements of a text of HTML, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(text: str) -> list[tuple[str, dict[str, str]]]:
    return Elements(render(text) or "").found


def assert_safe(text: str) -> None:
    for tag, attributes in elements(text):
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag]
        if "href" in attributes:
            assert attributes["href"].startswith(("https://", "http://", "#card-"))
        if "src" in attributes:
            assert attributes["src"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_cards_have_no_element_or_attribute_but_the_known_ones(text: str) -> None:
    assert_safe(text)


@given(
    st.lists(
        st.sampled_from([*CORPUS, "\n", "\n\n", "> ", "- ", "    ", "*", "[", "](", ")", "`", "|"]), max_size=8
    ).map("".join)
)
def test_mixtures_of_hostile_cards_are_safe(text: str) -> None:
    assert_safe(text)


def test_headings_begin_at_h3_without_gaps_and_have_ids() -> None:
    found = [
        (tag, attributes["id"])
        for tag, attributes in elements("# A b\n\n### C\n\n###### D\n\n# A b\n\n## !")
        if tag[0] == "h"
    ]
    assert found == [("h3", "card-a-b"), ("h4", "card-c"), ("h5", "card-d"), ("h3", "card-a-b-2"), ("h4", "card-part")]


def test_links_within_the_card_lead_to_its_headings() -> None:
    assert elements("# How it works\n\n[see](#how-it-works)")[-1] == (
        "a",
        {"href": "#card-how-it-works", "rel": markdown.links.REL},
    )


def test_pictures_of_other_hosts_are_links() -> None:
    html = render("![a plot](https://example.org/a.png)")
    assert "picture on example.org" in str(html)
    assert "<img" not in str(html)


def test_a_picture_in_the_card_is_shown() -> None:
    assert elements("![a *plot*](data:image/png;base64,iVBORw0KGgo=)")[-1][1]["alt"] == "a *plot*"


def test_tables_have_classes_and_no_styles() -> None:
    html = str(render("| a | b |\n|--:|---|\n| 1 | ~~x~~ |"))
    assert 'class="align-right"' in html
    assert "style" not in html
    assert "<s>x</s>" in html
    assert 'tabindex="0"' in html


def test_code_has_colours_by_classes() -> None:
    html = str(render("```python\nprint('<b>')\n```"))
    assert '<span class="c-' in html
    assert "&lt;b&gt;" in html
    assert "style=" not in html


@pytest.mark.parametrize("language", ["", "no such language", "x" * 1000, "../python"])
def test_code_in_an_unknown_language_is_plain(language: str) -> None:
    assert str(highlighted("<b>", language)) == '<pre class="code" tabindex="0"><code>&lt;b&gt;</code></pre>\n'


def test_invisible_characters_are_shown() -> None:
    assert "U+202E" in str(render("a\u202eb"))


def test_a_card_that_is_too_long_is_not_rendered() -> None:
    assert render("é" * 40_000) is None
    assert render("a" * 65_536) is not None


async def test_cards_are_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = Cards()
    first = await cards.html("# A")
    monkeypatch.setattr(markdown, "render", None)
    assert await cards.html("# A") is first


async def test_a_card_that_takes_too_long_is_shown_as_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_SECONDS", 0.01)
    may_end = threading.Event()
    monkeypatch.setattr(markdown, "render", lambda _: may_end.wait())
    assert await Cards().html("# A") is None
    may_end.set()


async def test_a_card_that_takes_too_long_is_rendered_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_SECONDS", 0.01)
    may_end, asked = threading.Event(), []

    def wait(text: str) -> None:
        asked.append(text)
        may_end.wait()

    monkeypatch.setattr(markdown, "render", wait)
    cards = Cards()
    assert await asyncio.gather(*(cards.html("# A") for _ in range(9))) == [None] * 9
    assert await cards.html("# A") is None
    may_end.set()
    assert asked == ["# A"]


async def test_a_card_that_is_nested_too_deep_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fail(text: str) -> None:
        asked.append(text)
        raise RecursionError

    monkeypatch.setattr(markdown, "render", fail)
    cards = Cards()
    assert [await cards.html("# A"), await cards.html("# A")] == [None, None]
    assert asked == ["# A"]


async def test_few_cards_wait_while_slow_ones_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_SECONDS", 0.01)
    may_end, asked = threading.Event(), []

    def wait(text: str) -> Markup:
        asked.append(text)
        may_end.wait()
        return Markup("late")

    monkeypatch.setattr(markdown, "render", wait)
    cards = Cards()
    assert await asyncio.gather(*(cards.html(f"# {number}") for number in range(100))) == [None] * 100
    may_end.set()
    cards._threads.shutdown()
    assert len(asked) == 16
    assert await cards.html("# 5") == "late"


class CountedSet(set[str]):
    """A set that counts how often something is looked for."""

    lookups = 0

    def __contains__(self, item: object) -> bool:
        self.lookups += 1
        return super().__contains__(item)


def test_ids_of_equal_headings_are_found_without_trying_all_numbers() -> None:
    ids, used = markdown._Ids(), CountedSet()
    ids._used = used
    found = [ids.unique(f"card-a-{number}") for number in range(2, 500)] + [ids.unique("card-a") for _ in range(500)]
    assert len(set(found)) == len(found)
    assert used.lookups < 3 * len(found)


def test_headings_after_the_first_thousand_have_no_id() -> None:
    found = elements("#\n" * 5000)
    assert [tag for tag, _ in found] == ["h3"] * 5000
    assert sum("id" in attributes for _, attributes in found) == markdown.MOST_HEADINGS


async def test_cards_do_not_hold_up_others() -> None:
    cards = Cards()
    found = await asyncio.gather(*(cards.html(f"# {number}") for number in range(15)))
    assert all(found)
