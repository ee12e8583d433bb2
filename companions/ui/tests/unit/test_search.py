"""Search: what a typed text means, what it costs, and where a certain hit leads."""

import pytest
from model_registry_ui.backend import Answer
from model_registry_ui.options import Options
from model_registry_ui.pages.search import read

from companions.ui.tests.fake_backend import API, FakeBackend, browsing
from companions.ui.tests.registry import registry


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("fraud", 'name ILIKE "%fraud%" OR externalId = "fraud"'),
        ("100%", 'name ILIKE "%100\\%%" OR externalId = "100%"'),
        ('a "b"', 'name ILIKE "%a \\"b\\"%" OR externalId = "a \\"b\\""'),
        ("id:7", "id = 7"),
        ("ID: 12", "id = 12"),
        ("s3://models/fraud/1", 'uri = "s3://models/fraud/1"'),
        ('owner = "ann"', 'owner = "ann"'),
        ("owner IS NULL", "owner IS NULL"),
        ('name LIKE "fr%', 'name LIKE "fr%'),
        ("owner = 'ann", "owner = 'ann"),
        ("don't", 'name ILIKE "%don\'t%" OR externalId = "don\'t"'),
        ("a=b#", 'name ILIKE "%a=b#%" OR externalId = "a=b#"'),
        ("rock and roll", 'name ILIKE "%rock and roll%" OR externalId = "rock and roll"'),
    ],
)
def test_a_typed_text_is_a_query(typed: str, query: str) -> None:
    assert read(typed).query == query


async def test_a_word_asks_each_kind_once_for_a_few_rows() -> None:
    backend = FakeBackend()
    for number in range(9):
        backend.add("registered_models", name=f"fraud {number}")
    backend.add("model_versions", name="1.0", registeredModelId="1")
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/search?q=fraud")).text
    assert max(dict(question.parameters).get("pageSize", "0") for question in backend.questions) == "5"
    assert len(backend.questions) <= 9
    assert "All models that match" in text
    assert "/ui/models?state=all&amp;q=fraud" in text
    assert "of fraud" in text


async def test_a_certain_hit_leads_to_its_page() -> None:
    backend = FakeBackend()
    backend.add("artifacts", name="files", artifactType="model-artifact", uri="s3://models/1")
    async with browsing(backend) as client:
        answer = await client.get("/ui/search", params={"q": "s3://models/1"})
        word = await client.get("/ui/search?q=files")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ui/artifacts/1")
    assert word.status_code == 200


async def test_a_query_that_every_kind_refuses_is_explained_once() -> None:
    backend = FakeBackend()
    refusal = Answer(400, b'{"code": "Bad Request", "message": "filterQuery: unexpected end."}')
    collections = (
        "registered_models",
        "model_versions",
        "artifacts",
        "experiments",
        "experiment_runs",
        "inference_services",
    )
    backend.answers = {f"{API}/{name}": refusal for name in (*collections, "serving_environments")}
    async with browsing(backend) as client:
        text = (await client.get("/ui/search", params={"q": "owner ="})).text
    assert text.count("filterQuery: unexpected end.") == 1


async def test_a_query_with_an_open_quote_is_shown_with_the_place_of_the_fault() -> None:
    async with registry() as made:
        await made.make("/registered_models", name="fraud")
        text = await made.page("/ui/search?q=name+LIKE+%22fr%25")
    assert "Nothing matches" not in text
    assert "name LIKE &#34;fr%\n          ^</pre>" in text


async def test_links_by_name_lead_to_the_page_by_id() -> None:
    backend = FakeBackend()
    backend.answers[f"{API}/registered_model"] = Answer(200, b'{"id": "7", "name": "a/b"}')
    backend.answers[f"{API}/model_version"] = Answer(200, b'{"id": "8", "name": "1", "registeredModelId": "7"}')
    async with browsing(backend) as client:
        model = await client.get("/ui/named/models", params={"name": "a/b"})
        version = await client.get("/ui/named/models", params={"name": "a/b", "version": "1"})
        backend.answers[f"{API}/experiment"] = Answer(200, b'{"id": "9", "name": "x"}')
        backend.answers[f"{API}/experiment_run"] = Answer(200, b'{"id": "10", "name": "1", "experimentId": "9"}')
        run = await client.get("/ui/named/runs", params={"experiment": "x", "run": "1"})
        backend.answers[f"{API}/experiment"] = Answer(404, b'{"message": "There is no such experiment."}')
        missing = await client.get("/ui/named/runs", params={"experiment": "x"})
    assert (model.status_code, model.headers["location"]) == (303, "/ui/models/7")
    assert version.headers["location"] == "/ui/versions/8"
    assert ("parentResourceId", "7") in backend.questions[-2].parameters or ("parentResourceId", "7") in [
        pair for question in backend.questions for pair in question.parameters
    ]
    assert run.headers["location"] == "/ui/runs/10"
    assert missing.status_code == 404


def test_a_text_without_its_last_quote_is_still_a_query() -> None:
    assert read('name LIKE "fr%').query == 'name LIKE "fr%'
    assert read('the 5" model').list_parameter == "q"


def test_an_id_is_kept_for_the_words_of_an_empty_result() -> None:
    assert (read("id:99999").id, read("fraud").id) == ("99999", "")


async def test_artifacts_of_one_name_are_found_with_their_addresses() -> None:
    backend = FakeBackend()
    for number in (1, 2):
        backend.add("artifacts", name="fraud", artifactType="model-artifact", uri=f"s3://models/fraud/{number}")
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/search?q=fraud")).text
    assert "s3://models/fraud/1</span>" in text
    assert "s3://models/fraud/2</span>" in text
