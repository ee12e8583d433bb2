"""What pages show, on a registry in memory."""

import csv
import re

import httpx
import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.api import ApiError
from model_registry_ui.application import create
from model_registry_ui.backend import Answer, Unreachable
from model_registry_ui.options import Options
from model_registry_ui.pages import look, models, version
from model_registry_ui.routes import ROUTES
from model_registry_ui.routing import PageRoute

from companions.ui.tests.fake_backend import API, EXTENSIONS, FakeBackend, browsing

PAGES = (
    "/ui/",
    "/ui/models",
    "/ui/models/1",
    "/ui/models/1/versions",
    "/ui/versions",
    "/ui/versions/2",
    "/ui/versions/2/artifacts",
    "/ui/versions/2/use",
    "/ui/artifacts",
    "/ui/artifacts/3",
    "/ui/deployments",
    "/ui/deployments/5",
    "/ui/models/1/deployments",
    "/ui/versions/2/deployments",
    "/ui/models/1/lineage",
    "/ui/environments",
    "/ui/environments/4",
    "/ui/models/1/history",
    "/ui/versions/2/history",
    "/ui/deployments/5/history",
    "/ui/versions/2/lineage",
    "/ui/look",
    "/ui/search?q=fraud",
    "/ui/query-help",
    "/ui/about",
    "/ui/login",
)


@pytest.fixture
def backend() -> FakeBackend:
    """A registry with a model and a version of it."""
    made = FakeBackend()
    properties = to_wire({"gold": "", "accuracy": 0.93, "rows": 2**53 + 1, "stage": "production", "_lastModified": "x"})
    made.add("registered_models", name="fraud", description="Finds it.", owner="ann", customProperties=properties)
    made.add("model_versions", name="1.0.0", registeredModelId="1", customProperties=to_wire({"accuracy": 0.93}))
    files = {"artifactType": "model-artifact", "uri": "s3://models/fraud/1", "modelFormatName": "onnx"}
    made.add("artifacts", name="fraud", modelVersionId="2", **files)
    made.add("serving_environments", name="production")
    ids = {"servingEnvironmentId": "4", "registeredModelId": "1", "modelVersionId": "2"}
    made.add("inference_services", name="fraud-service", **ids)
    return made


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_html_with_one_heading_of_the_first_level(backend: FakeBackend, path: str) -> None:
    async with browsing(backend) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.count("<h1") == 1
    assert " - Model Registry</title>" in answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_says_what_browsers_may_do_with_it(backend: FakeBackend, path: str) -> None:
    async with browsing(backend) as client:
        headers = (await client.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-cache"
    assert headers["referrer-policy"] == "same-origin"
    assert "Cookie" in headers["vary"]


async def test_a_list_is_one_request_of_the_api(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        answer = await client.get("/ui/models")
    assert "fraud" in answer.text
    assert [question.path for question in backend.questions] == [f"{API}/registered_models"]
    assert dict(backend.questions[0].parameters) == {
        "filterQuery": 'state = "LIVE"',
        "pageSize": "50",
        "orderBy": "LAST_UPDATE_TIME",
        "sortOrder": "DESC",
    }


async def test_the_page_of_a_model_shows_numbers_as_they_are(backend: FakeBackend) -> None:
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1")).text
    assert "9007199254740993" in text
    assert "0.93" in text
    assert "Set by tools (1)" in text


async def test_a_refused_query_is_shown_with_the_column_and_the_list_without_a_filter(backend: FakeBackend) -> None:
    class Refusing(FakeBackend):
        async def send(self, question, caller):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            if "nonsense" in question.query:
                return Answer(400, b'{"code": "Bad Request", "message": "filterQuery: unexpected text at column 3."}')
            return await super().send(question, caller)

    refusing = Refusing()
    refusing.add("registered_models", name="fraud")
    async with browsing(refusing) as client:
        answer = await client.get("/ui/models", params={"query": "nonsense ("})
    assert answer.status_code == 200
    assert "filterQuery: unexpected text at column 3." in answer.text
    assert "nonsense (\n  ^</pre>" in answer.text
    assert "<th scope=row>" in answer.text


async def test_more_rows_than_a_page_holds_have_a_next_page(backend: FakeBackend) -> None:
    for number in range(60):
        backend.add("registered_models", name=f"model {number}")
    async with browsing(backend) as client:
        text = (await client.get("/ui/models?size=25&q=m")).text
    assert "25 models shown, more follow" in text
    assert "/ui/models?q=m&amp;size=25&amp;after=more" in text


async def test_a_list_is_sorted_by_name_where_all_rows_fit(backend: FakeBackend) -> None:
    for name in ("b", "C", "a"):
        backend.add("registered_models", name=name)
    async with browsing(backend) as client:
        text = (await client.get("/ui/models?sort=name")).text
    places = [text.index(f'">{name}</a>') for name in ("a", "b", "C", "fraud")]
    assert places == sorted(places)
    assert 'aria-sort="ascending"' in text


async def test_what_does_not_exist_is_a_page_with_404(backend: FakeBackend) -> None:
    async with browsing(backend) as client:
        answers = [await client.get(path) for path in ("/ui/models/77", "/ui/models/x", "/ui/nothing")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all("There is nothing here" in answer.text for answer in answers)


async def test_a_registry_that_does_not_answer_is_a_page_with_503(backend: FakeBackend) -> None:
    backend.failure = Unreachable("The registry cannot be reached.")
    async with browsing(backend) as client:
        answer = await client.get("/ui/models")
    assert answer.status_code == 503
    assert "The registry cannot be reached." in answer.text
    assert "Try again" in answer.text
    assert answer.headers["retry-after"] == "5"
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in answer.text
    assert "The page tries again by itself after 5 s." in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(("said", "seconds"), [("17", 17), ("0", 1), ("9999999999999", 60), ("soon", 5), ("", 5)])
async def test_a_page_tries_again_when_the_registry_says_so_but_within_a_minute(
    backend: FakeBackend, said: str, seconds: int
) -> None:
    backend.failure = ApiError(503, "Not now.", {"retry-after": said})
    async with browsing(backend) as client:
        answer = await client.get("/ui/models")
    assert f'content="{seconds}"' in answer.text
    assert f'data-retry="{seconds}"' in answer.text
    assert f"by itself after {seconds} s." in answer.text


async def test_a_form_that_failed_is_not_sent_again_by_itself(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=()), **{"sec-fetch-site": "same-origin"}) as client:
        backend.failure = Unreachable("The registry cannot be reached.")
        answer = await client.post("/ui/models/1/archive", data={})
    assert answer.status_code == 503
    assert "http-equiv" not in answer.text
    assert "data-retry" not in answer.text


async def test_a_fault_of_the_ui_is_a_page_with_500_and_the_same_headers(backend: FakeBackend) -> None:
    backend.failure = ZeroDivisionError()
    async with browsing(backend) as client:
        with pytest.raises(ZeroDivisionError):
            await client.get("/ui/models")


async def test_a_new_registry_says_how_to_begin() -> None:
    async with browsing(FakeBackend()) as client:
        text = (await client.get("/ui/models")).text
    assert "There are no models yet" in text
    assert "http://localhost:8080" in text


async def test_a_reader_is_shown_no_way_to_change_anything(backend: FakeBackend) -> None:
    reading = FakeBackend(EXTENSIONS)
    reading.add("registered_models", name="fraud")
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    reading.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(reading) as client:
        text = (await client.get("/ui/models/1")).text
    assert "rob" in text
    assert 'class="button' not in text


async def test_the_page_of_a_version_asks_for_everything_it_shows_and_for_nothing_twice(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/versions/2")).text
    assert sorted(backend.asked()) == [
        "/inference_services",
        "/model_versions/2",
        "/model_versions/2/artifacts",
        "/registered_models/1",
        "/registered_models/1/versions",
        "/serving_environments",
    ]
    assert "s3://models/fraud/1" in text
    assert 'href="s3:' not in text


@pytest.mark.parametrize("path", [path for path in PAGES if path not in {"/ui/look", "/ui/login"}])
async def test_the_calls_of_a_page_do_not_grow_with_the_registry(backend: FakeBackend, path: str) -> None:
    async with browsing(backend) as client:
        await client.get(path)
        few = len(backend.questions)
        for number in range(300):
            backend.add("registered_models", name=f"m{number}")
            backend.add("model_versions", name=f"2.{number}", registeredModelId="1")
            backend.add("artifacts", name=f"a{number}", modelVersionId="2", artifactType="metric", value=0.5)
        backend.questions.clear()
        text = (await client.get(path)).text
    assert len(backend.questions) == few <= 10
    assert len(text.encode()) < 40 * 1024 or "artifacts" in path


async def test_a_version_leads_to_its_neighbours(backend: FakeBackend) -> None:
    newer = backend.add("model_versions", name="1.1.0", registeredModelId="1")
    backend.entities["model_versions"] = dict(reversed(backend.entities["model_versions"].items()))
    async with browsing(backend) as client:
        text = (await client.get("/ui/versions/2")).text
    assert f'href="/ui/versions/{newer["id"]}" data-key="newer"' in text
    assert 'data-key="older"' not in text


async def test_the_switcher_of_versions_finds_others_by_name(backend: FakeBackend) -> None:
    backend.add("model_versions", name="1.1.0", registeredModelId="1")
    async with browsing(backend) as client:
        text = (await client.get("/ui/versions/2")).text
        found = await client.get("/ui/models/1/versions?q=1.1&state=all")
    assert re.search(r'<form action="/ui/models/1/versions"><label for="find-version">', text)
    assert found.status_code == 200


async def test_numeric_properties_of_versions_are_columns_with_the_largest_and_smallest_marked(
    backend: FakeBackend,
) -> None:
    backend.add("model_versions", name="1.1.0", registeredModelId="1", customProperties=to_wire({"accuracy": 0.95}))
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1/versions")).text
    assert "accuracy</a></th>" in text
    assert text.count('class="mark mark-max"') == text.count('class="mark mark-min"') == 1
    headings = re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([A-Za-z]+)', text)
    assert headings[:4] == ["Name", "State", "accuracy", "Author"]
    assert re.search(r'<table class="[^"]*\bn4 ', text)


async def test_lists_round_decimals_and_keep_the_exact_value_as_a_title(backend: FakeBackend) -> None:
    measured = to_wire({"accuracy": 0.9500000000000001, "rows": 2**53 + 1})
    id_ = backend.add("model_versions", name="1.1.0", registeredModelId="1", customProperties=measured)["id"]
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/models/1/versions?cols=accuracy&cols=rows")).text
        detail = (await client.get(f"/ui/versions/{id_}")).text
        file = (await client.get("/ui/models/1/versions.csv?cols=accuracy")).text
    assert '<td class=number title="0.9500000000000001">0.95\n' in text or 'title="0.9500000000000001">0.95<' in text
    assert "<td class=number>0.93<" in text
    assert '<span class="number">9007199254740993</span>' in text
    assert '<span class="number">0.9500000000000001</span>' in detail
    assert "0.9500000000000001" in file


async def test_artifacts_are_listed_by_kind(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/artifacts?artifactType=metric&sort=-created")).text
        await client.get("/ui/artifacts?artifactType=nonsense")
    assert dict(backend.questions[0].parameters)["artifactType"] == "metric"
    assert "artifactType" not in dict(backend.questions[1].parameters)
    assert "kind: metric" in text
    assert 'href="/ui/artifacts?sort=-created"' in text


async def test_a_card_is_shown_with_its_layout_and_without_its_html(backend: FakeBackend) -> None:
    backend.entities["registered_models"]["1"]["readme"] = "# Card\n\n<script>alert(1)</script> *works*"
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1")).text
    assert "<em>works</em>" in text
    assert "&lt;script&gt;alert(1)" in text


async def test_a_list_is_a_file_with_the_same_columns_and_all_rows(backend: FakeBackend) -> None:
    backend.add("registered_models", name="=cmd()", owner="+1")
    async with browsing(backend, Options(ways=())) as client:
        page = (await client.get("/ui/models?cols=owner&cols=rows&q=a")).text
        answer = await client.get("/ui/models.csv?cols=owner&cols=rows&q=a")
        of_model = await client.get("/ui/models/1/versions.csv")
    assert '/ui/models.csv?q=a&amp;cols=owner&amp;cols=rows"' in page
    first, *rows = list(csv.reader(answer.text.splitlines()))
    assert first[:3] == ["Name", "Owner", "rows"]
    assert first[-1] == "Custom properties"
    assert [row[:3] for row in rows] == [["'=cmd()", "'+1", ""], ["fraud", "ann", "9007199254740993"]]
    assert answer.headers["content-disposition"] == 'attachment; filename="models.csv"'
    assert of_model.headers["content-disposition"] == 'attachment; filename="fraud-versions.csv"'


async def test_a_file_has_each_column_once(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        usual, *_ = (await client.get("/ui/models.csv")).text.splitlines()
        chosen, *_ = (await client.get("/ui/models.csv?cols=id&cols=created")).text.splitlines()
    assert (
        usual == "Name,State,Latest version,Labels,Owner,Updated,Id,External id,Description,Created,Custom properties"
    )
    assert chosen == "Name,Id,Created,External id,Description,Updated,Custom properties"


async def test_a_file_of_a_query_that_is_refused_is_a_page(backend: FakeBackend) -> None:
    backend.answers[f"{API}/registered_models"] = Answer(400, b'{"code": "Bad Request", "message": "No such query."}')
    async with browsing(backend) as client:
        answer = await client.get("/ui/models.csv?query=x")
    assert answer.status_code == 400
    assert "No such query." in answer.text


@pytest.mark.parametrize(("may_write", "is_offered"), [(True, True), (False, False)])
async def test_changes_are_offered_by_the_rights_for_the_model(may_write: bool, is_offered: bool) -> None:
    backend = FakeBackend(EXTENSIONS)
    backend.add("registered_models", name="fraud")
    backend.add("model_versions", name="1", registeredModelId="1")
    user = {"user": "wanda", "authentication": "tokens", "highestRole": "writer", "mayWriteSomething": True}
    rights = {"models": [{"id": "1", "role": "writer" if may_write else "reader", "mayWrite": may_write}]}
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps({**user, **rights}))
    routes = (*ROUTES, PageRoute("/try/{id}", "try", look.show))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "ACTIONS", (("Try", "try"),))
        patch.setattr(version, "ACTIONS", (("Try", "try"),))
        transport = httpx.ASGITransport(app=create(backend, Options(ways=("tokens",)), routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            texts = [(await client.get(path)).text for path in ("/ui/models/1", "/ui/versions/2")]
    assert [">Try</a>" in text for text in texts] == [is_offered, is_offered]


async def test_the_latest_versions_of_models_are_loaded_after_the_page_in_one_call(backend: FakeBackend) -> None:
    newest = backend.add("model_versions", name="1.1.0", registeredModelId="1")
    async with browsing(backend, Options(ways=())) as client:
        first = (await client.get("/ui/models?q=f")).text
        assert len(backend.questions) == 1
        later = (await client.get("/ui/models?q=f&later=1")).text
        file = (await client.get("/ui/models.csv?q=f")).text
    assert 'id="rows"' in first
    assert 'data-part="/ui/models?q=f&amp;later=1"' in first
    assert f'<a href="/ui/versions/{newest["id"]}">1.1.0</a>' in later
    assert "data-part" not in later.partition('id="rows"')[2]
    assert "1.1.0" in file
    latest = backend.questions[2]
    assert dict(latest.parameters)["filterQuery"] == "registeredModelId IN (1)"


async def test_a_filter_that_makes_no_sense_is_left_out_and_named(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/models?since=soon&owner=ann")).text
    assert "Updated since must be a date" in text
    assert "leaves this filter out" in text
    [question] = backend.questions
    assert dict(question.parameters)["filterQuery"] == 'state = "LIVE" AND owner = "ann"'


async def test_a_version_offers_first_to_deploy_it_and_says_when_it_was_archived(backend: FakeBackend) -> None:
    backend.entities["model_versions"]["2"]["state"] = "ARCHIVED"
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get("/ui/versions/2")).text
    assert '<a class="button" href="/ui/deployments/new?model=1&amp;version=2">Deploy</a>' in text
    assert "The last change was <time datetime=" in text


async def test_a_version_of_an_archived_model_says_so(backend: FakeBackend) -> None:
    async with browsing(backend, Options(ways=())) as client:
        before = (await client.get("/ui/versions/2")).text
        backend.entities["registered_models"]["1"]["state"] = "ARCHIVED"
        text = (await client.get("/ui/versions/2")).text
    assert "rchived" not in before
    assert 'Its model <a href="/ui/models/1">fraud</a> is archived.' in text
    assert re.search(r"<h1>.*Archived</i></h1>", text)


@pytest.mark.parametrize("path", ["/ui/models/1/history", "/ui/deployments/5/history"])
async def test_a_history_shows_exact_times(backend: FakeBackend, path: str) -> None:
    async with browsing(backend) as client:
        text = (await client.get(path)).text
    assert text.count("<time data-exact ") == text.count("<time ") > 0


@pytest.mark.parametrize("id_", ["..%3Fx", "..%2500%3F", "x", "-1", "1%20OR%201=1", "1" * 20, "%C2%B2"])
async def test_what_is_no_id_reaches_neither_a_path_nor_a_filter(id_: str) -> None:
    backend = FakeBackend()
    async with browsing(backend) as client:
        for page in (f"/ui/models/{id_}", f"/ui/runs/{id_}/curves", f"/ui/models/{id_}/deployments"):
            assert (await client.get(page)).status_code == 404
    assert not [path for path in backend.asked() if "/" in path.removeprefix("/")]


@pytest.mark.parametrize("query", ["label=a" + "&label=a" * 400, "q=" + "a" * 8192])
async def test_an_address_with_too_many_filters_is_refused_before_a_page_is_made_of_them(query: str) -> None:
    backend = FakeBackend()
    async with browsing(backend) as client:
        refused = await client.get(f"/ui/models?{query}")
    assert refused.status_code == 414
    assert "Leave some filters out" in refused.text


@pytest.mark.parametrize("condition", ["label=a{}", "property=a{}&op=set&value="])
async def test_more_than_twenty_filters_of_a_kind_are_left_out_and_the_page_says_so(condition: str) -> None:
    backend = FakeBackend()
    words = "at most 20 of a kind here, so the rest is left out: write a query."
    async with browsing(backend) as client:
        few, many = [
            await client.get("/ui/models?" + "&".join(condition.format(number) for number in range(count)))
            for count in (20, 120)
        ]
    assert words not in few.text
    assert words in many.text
    assert len(many.text) < 2 * len(few.text)


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/ui/models/1", "/ui/named/models?name=fraud"),
        ("/ui/versions/2", "/ui/named/models?name=fraud&amp;version=1.0.0"),
        ("/ui/deployments/5", "/ui/named/deployments?environment=production&amp;service=fraud-service"),
    ],
)
async def test_pages_offer_their_link_by_name(backend: FakeBackend, path: str, link: str) -> None:
    async with browsing(backend) as client:
        text = (await client.get(path)).text
    assert f'<a href="{link}">link</a>' in text
    assert f'data-copy-link="{link}"' in text


async def test_the_list_of_models_leads_to_the_choice_of_a_model_for_a_version(backend: FakeBackend) -> None:
    async with browsing(backend) as client:
        text = (await client.get("/ui/models")).text
        form = (await client.get("/ui/models/new")).text
    assert f'href="/ui/models/new#{models.CHOOSING}">Register version</a>' in text
    assert f'id="{models.CHOOSING}"' in form
