"""A query that the server refuses is explained at its field, and the list keeps the rows of the query before."""

import re
from html import unescape

from companions.ui.tests.registry import Registry, registry


async def fill(served: Registry) -> None:
    """Three models, two of them of one owner."""
    for name, owner in (("churn", "ann"), ("fraud", "ann"), ("prices", "bob")):
        await served.make("/registered_models", name=name, owner=owner)


def names(page: str) -> list[str]:
    """The names in the rows of a list, sorted."""
    return sorted(re.findall(r'<th scope=row><a href="/ui/models/[^"]+">([^<]+)', page))


def link(page: str, words: str) -> str:
    """The address of the link with these words."""
    found = re.search(f'<a [^>]*href="([^"]+)"[^>]*>{words}<', page)
    assert found, words
    return unescape(found[1])


def former(page: str) -> str:
    """What the form of the query carries as the query before."""
    found = re.search(r'name="former" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


async def run(served: Registry, page: str, query: str) -> str:
    """The page after a user has typed another query into the form of this page."""
    answer = await served.client.get("/ui/models", params={"former": former(page), "query": query})
    assert answer.status_code == 200
    return answer.text


async def test_the_rows_of_the_query_before_stay() -> None:
    async with registry() as served:
        await fill(served)
        before = await served.page("/ui/models?owner=ann&sort=name")
        page = await run(served, before, "owner = = 'ann'")
        again = await run(served, page, "owner = ")
        good = await run(served, again, 'owner = "bob"')
    assert names(before) == names(page) == names(again) == ["churn", "fraud"]
    assert "still shows the query before: <code>state = &#34;LIVE&#34; AND owner = &#34;ann&#34;</code>" in page
    assert re.search(r"\n {8}\^</pre>", page)
    assert ">owner = = &#39;ann&#39;</textarea>" in page
    assert names(good) == ["prices"]
    assert former(good) == 'owner = "bob"'
    assert 'href="/ui/models?query=owner+%3D+%22bob%22&amp;sort=name"' in good


async def test_the_next_page_is_that_of_the_rows_that_are_shown() -> None:
    async with registry() as served:
        await fill(served)
        for number in range(30):
            await served.make("/registered_models", name=f"m{number}", owner="ann")
        before = await served.page("/ui/models?owner=ann&size=25")
        answer = await served.client.get("/ui/models", params={"former": former(before), "query": "(", "size": "25"})
        page = await served.page(link(answer.text, "Next 25"))
        file = await served.page(link(answer.text, "CSV"))
    assert len(names(answer.text)) == 25
    assert len(names(page)) == 7
    assert len(file.splitlines()) == 1 + 25 + 7
    assert 'role="alert"' not in page


async def test_a_list_is_not_filtered_where_the_query_before_is_refused_too() -> None:
    async with registry() as served:
        await fill(served)
        page = await served.page("/ui/models?query=(&former=)")
        assert served.calls == 3
        without = await served.page("/ui/models?query=(")
    assert names(page) == names(without) == ["churn", "fraud", "prices"]
    assert "The list below is not filtered." in page
    assert "The list below is not filtered." in without


async def test_a_query_that_is_too_long_is_refused_in_a_small_page() -> None:
    async with registry() as served:
        await fill(served)
        answer = await served.client.get(f"/ui/models?query={'(' * 5000}")
        assert served.backend.questions == []
        former = await served.client.get(f"/ui/models?query=(&former={'(' * 5000}")
    assert answer.status_code == 400
    assert "The query has 5000 characters: at most 2000 are taken." in answer.text
    assert "((((" not in answer.text
    assert len(answer.text) < 4_000
    assert 'name="former" value=""' in former.text
