"""Requests to a hub that is slow, broken or hostile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from model_catalog.entries import AssetType, Content, SourceError
from model_catalog.reading.hugging_face import Access, Retries, fetch_source, hub_source, listed_names
from model_catalog.reading.hugging_face.hub import _retry_after
from model_catalog.reading.performance import Performance
from model_catalog.reading.settings import SourceSettings

AT_ONCE = Access(retries=Retries(attempts=3, first_wait=0, longest_wait=0))
Answers = Callable[[httpx.Request], httpx.Response]


def source(*included: str, excluded: tuple[str, ...] = (), **properties: Any) -> SourceSettings:
    return SourceSettings(
        "s", AssetType.MODELS, type="hf", included=included or None, excluded=excluded, properties=properties
    )


async def fetch(settings: SourceSettings, answers: Answers, access: Access = AT_ONCE) -> Content:
    return await fetch_source(settings, access, Performance(), "77", httpx.MockTransport(answers))


async def test_a_busy_hub_is_asked_again() -> None:
    statuses = iter([429, 503, 200])

    def answers(_: httpx.Request) -> httpx.Response:
        return httpx.Response(next(statuses), json={"id": "a/b"}, headers={"Retry-After": "5"})

    content = await fetch(source("a/b"), answers)
    assert [entry.item["name"] for entry in content.entries] == ["a/b"]


async def test_a_hub_that_stays_busy_is_given_up() -> None:
    asked = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={}) if request.url.path.endswith("good") else httpx.Response(500)

    content = await fetch(source("a/b", "a/good"), answers)
    assert sorted(asked) == ["/api/models/a/b"] * 3 + ["/api/models/a/good"]
    assert content.unreachable == ["a/b"]


async def test_a_hub_that_fails_again_and_again_is_left_in_peace() -> None:
    asked = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={}) if request.url.path.endswith("/first") else httpx.Response(503)

    names = ["a/first", *(f"a/b{number}" for number in range(500))]
    content = await fetch(source(*names), answers)
    assert len(asked) <= 1 + (10 + AT_ONCE.parallel) * AT_ONCE.retries.attempts
    assert content.unreachable == names[1:]
    assert "asked again at the next sync only" in content.failures[99]


async def test_an_answer_that_does_not_end_counts_as_busy() -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    def answers(request: httpx.Request) -> httpx.Response:
        is_good = request.url.path.endswith("good")
        return httpx.Response(200, json={}) if is_good else httpx.Response(200, content=dripping())

    content = await fetch(source("a/b", "a/good"), answers, replace(AT_ONCE, answer_seconds=0.01))
    assert content.unreachable == ["a/b"]
    assert "its answer takes more than 0.01 s" in content.failures[0]


async def test_a_long_answer_gets_more_time() -> None:
    async def long() -> AsyncIterator[bytes]:
        yield b" " * (4 << 20)
        await asyncio.sleep(0.05)
        yield b"{}"

    content = await fetch(
        source("a/b"), lambda _: httpx.Response(200, content=long()), replace(AT_ONCE, answer_seconds=0.02)
    )
    assert len(content.entries) == 1


async def test_a_sync_begins_no_request_after_its_time() -> None:
    asked = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={})

    with pytest.raises(SourceError, match="the sync takes longer than 0 s"):
        await fetch(source("a/b"), answers, replace(AT_ONCE, sync_seconds=0))
    assert asked == []


async def test_a_hub_that_is_down_is_not_said_to_refuse_the_key() -> None:
    access = replace(AT_ONCE, environment={"HF_API_KEY": "hf_a"})
    with pytest.raises(SourceError, match=r"^the API key cannot be checked: the server answered 500"):
        await fetch(source("a/b"), lambda _: httpx.Response(500), access)


async def test_the_reason_why_a_list_failed_is_said() -> None:
    with pytest.raises(
        SourceError, match=r"These lists failed: a/\*: the answer is no JSON; b/\*: the answer is no JSON\.$"
    ):
        await fetch(source("a/*", "b/*"), lambda _: httpx.Response(200, content=b"<html>"))


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_is_not_there_is_asked_for_once(status: int) -> None:
    asked = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status)

    with pytest.raises(SourceError, match=f"answered {status}"):
        await fetch(source("a/b"), answers)
    assert len(asked) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"id": "../../etc"}', b'{"gated": []}'])
async def test_a_record_that_makes_no_sense_is_a_failure(body: bytes) -> None:
    with pytest.raises(SourceError, match="none of the 1 models can be read"):
        await fetch(source("a/b"), lambda _: httpx.Response(200, content=body))


@pytest.mark.parametrize(
    "record",
    [
        {
            "tags": 5,
            "cardData": [],
            "config": "x",
            "siblings": {"a": 1},
            "createdAt": 5,
            "author": None,
            "pipeline_tag": ["x"],
        },
        {
            "tags": [None, 5],
            "cardData": {"data": 5, "license": 7, "language": 7},
            "config": {"architectures": 5},
            "siblings": [5, {}],
        },
    ],
)
async def test_fields_of_wrong_kinds_are_passed_over(record: dict[str, Any]) -> None:
    (entry,) = (await fetch(source("a/b"), lambda _: httpx.Response(200, json=record))).entries
    assert {key for key in entry.item if key not in {"logo", "customProperties"}} == {
        "name",
        "externalId",
        "source_id",
        "createTimeSinceEpoch",
        "lastUpdateTimeSinceEpoch",
    }


async def test_flat_card_data_is_read() -> None:
    card = {
        "license": "other",
        "license_name": "acme-1",
        "license_link": "https://x.test/l",
        "language": "en",
        "description": "d",
    }
    (entry,) = (await fetch(source("a/b"), lambda _: httpx.Response(200, json={"cardData": card}))).entries
    assert {key: entry.item[key] for key in ("license", "licenseLink", "language", "description")} == {
        "license": "acme-1",
        "licenseLink": "https://x.test/l",
        "language": ["en"],
        "description": "d",
    }


async def test_a_link_that_is_no_address_of_the_web_is_left_out() -> None:
    (entry,) = (
        await fetch(source("a/b"), lambda _: httpx.Response(200, json={"cardData": {"license_link": "javascript:x"}}))
    ).entries
    assert "licenseLink" not in entry.item


async def test_a_model_that_was_renamed_is_found_on_the_same_server_only() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        targets = {
            "/api/models/a/old": "/api/models/a/new",
            "/api/models/a/far": "https://other.test/x",
            "/api/models/a/loop": "loop",
        }
        if request.url.path in targets:
            return httpx.Response(307, headers={"Location": targets[request.url.path]})
        assert request.url.host == "huggingface.co"
        return httpx.Response(200, json={"id": "a/new"})

    content = await fetch(source("a/*", "a/old", "a/far", "a/loop"), answers)
    assert [entry.item["name"] for entry in content.entries] == ["a/new"]
    assert "to another server" in content.failures[0]
    assert "from one address to another" in content.failures[1]


async def test_lists_are_read_page_by_page() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        assert (request.url.params["author"], request.url.params.get("search")) == ("acme", "sm")
        page = int(request.url.params.get("cursor", "0"))
        rows = [{"id": f"acme/SM-{page}"}, {"modelId": "acme/other"}, {"id": "acme/sm/../x"}, 5, {}]
        link = {"Link": f'<https://huggingface.co/api/models?cursor={page + 1}>; rel="next"'} if page < 3 else {}
        return httpx.Response(200, json=rows, headers=link)

    names = await listed_names(source("acme/sm*"), AT_ONCE, httpx.MockTransport(answers))
    assert names == ["acme/SM-0", "acme/SM-1", "acme/SM-2", "acme/SM-3"]


async def test_a_list_that_never_ends_is_cut() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[{"id": "a/b"}], headers={"Link": '<https://x/?cursor=same>; rel="next"'})

    assert await listed_names(source("a/*"), AT_ONCE, httpx.MockTransport(answers)) == ["a/b"]


async def test_names_for_a_caller_that_waits_are_at_most_500() -> None:
    rows = [{"id": f"a/b{number}"} for number in range(600)]
    assert (
        len(await listed_names(source("a/*"), AT_ONCE, httpx.MockTransport(lambda _: httpx.Response(200, json=rows))))
        == 500
    )
    assert (
        len(
            await listed_names(
                source("a/*", maxModels=0), AT_ONCE, httpx.MockTransport(lambda _: httpx.Response(200, json=rows))
            )
        )
        == 600
    )


async def test_an_answer_without_end_is_cut() -> None:
    async def parts() -> Any:
        while True:
            yield b" " * (1 << 20)

    with pytest.raises(SourceError, match="more than 32 MiB"):
        await fetch(source("a/b"), lambda _: httpx.Response(200, content=parts()))


async def test_a_readme_that_cannot_be_read_is_only_a_warning() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        if "/raw/" in request.url.path:
            return httpx.Response(403)
        return httpx.Response(200, json={"siblings": [{"rfilename": "x"}, {"rfilename": "readme.md"}]})

    content = await fetch(source("a/b"), answers)
    assert "readme" not in content.entries[0].item
    assert content.failures == []
    assert "readme.md cannot be read" in content.warnings[0]


async def test_a_key_is_sent_if_it_is_one() -> None:
    sent = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.path, request.headers.get("Authorization")))
        return httpx.Response(200, json={})

    access = Access({"HF_API_KEY": "hf_a", "HF_API_KEY_ODD": "b"}, retries=AT_ONCE.retries)
    await fetch(source("a/b"), answers, access)
    odd = await fetch(source("a/b", apiKeyEnvVar="HF_API_KEY_ODD"), answers, access)
    missing = await fetch(source("a/b", apiKeyEnvVar="HF_API_KEY_NONE"), answers, access)
    assert odd.warnings == ["the key in HF_API_KEY_ODD does not begin with hf_, so it is not used"]
    assert missing.warnings == ["HF_API_KEY_NONE is not set, so no key is used"]
    assert (
        sent
        == [("/api/whoami-v2", "Bearer hf_a"), ("/api/models/a/b", "Bearer hf_a")] + [("/api/models/a/b", None)] * 2
    )


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"apiKeyEnvVar": "AWS_SECRET_ACCESS_KEY"}, "'AWS_SECRET_ACCESS_KEY' is not allowed; keys stand in HF_API_KEY"),
        ({"url": "http://169.254.169.254"}, "is not allowed; it must begin with https://"),
        ({"url": "file:///etc"}, "is not allowed"),
        ({"url": 5}, "properties.url must be a text"),
        ({"maxModels": -1}, "properties.maxModels must be a whole number"),
        ({"maxModels": "many"}, "properties.maxModels must be a whole number"),
        ({"allowedOrganization": "a/b"}, "is no name of an organisation"),
    ],
)
async def test_properties_that_are_not_allowed_are_refused(properties: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceError) as caught:
        await fetch(source("x/y", **properties), lambda _: httpx.Response(200, json={}))
    assert words in str(caught.value)


async def test_a_server_without_https_may_be_allowed() -> None:
    access = Access(urls=["http://mirror.test/"], retries=AT_ONCE.retries)
    content = await fetch(source("a/b", url="http://mirror.test"), lambda _: httpx.Response(200, json={}), access)
    assert len(content.entries) == 1


def test_a_source_without_models_is_refused() -> None:
    with pytest.raises(SourceError, match=r"it includes no models; write such as includedModels"):
        hub_source(source())


def test_an_organisation_stands_before_all_patterns() -> None:
    settings = hub_source(source("x-*", excluded=("*-gguf",), allowedOrganization="acme", maxModels="7"))
    assert (settings.included, settings.patterns.excluded, settings.max_models) == (["acme/x-*"], ["acme/*-gguf"], 7)
    assert hub_source(source(allowedOrganization="acme")).included == ["acme/*"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90m", 5400),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("10ms", 1),
        ("soon", 86400),
        ("", 86400),
        (None, 86400),
        (5, 86400),
        ("0s", 86400),
        ("-1h", 86400),
    ],
)
def test_the_interval_is_a_duration_or_a_day(text: object, seconds: float) -> None:
    assert hub_source(source("a/b", syncInterval=text)).interval == seconds


def test_a_time_to_wait_is_a_number_or_a_date() -> None:
    assert (_retry_after("7"), _retry_after("soon"), _retry_after(None)) == (7, None, None)
    later = _retry_after(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert later is not None
    assert 3000 < later <= 3600
