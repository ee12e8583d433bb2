"""Lists that are followed: pages, changes, bookmarks, silence, and places that the server has forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from controller_support.fake_api import FakeApi
from model_registry_client.credentials import Token
from model_registry_controller.kubernetes.api import SILENCE, Changed, KubernetesApi, Missing, Refused, Unavailable
from model_registry_controller.kubernetes.connection import Connection
from model_registry_controller.kubernetes.following import Following

LIST = "/api/v1/services"


class Seen:
    """A follower that notes what it gets."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def seen(self, item: dict[str, Any]) -> None:
        self._note(item["metadata"]["name"])

    def vanished(self, item: dict[str, Any]) -> None:
        self._note(f"-{item['metadata']['name']}")

    def listed(self, keys: set[tuple[str, str]]) -> None:
        self._note(sorted(name for _, name in keys))

    def _note(self, note: Any) -> None:
        self.notes.append(note)


def service(name: str) -> tuple[str, dict[str, Any]]:
    return f"/api/v1/namespaces/n/services/{name}", {"metadata": {"name": name, "namespace": "n"}}


@asynccontextmanager
async def followed(fake: FakeApi) -> AsyncIterator[tuple[Seen, list[float], list[str]]]:
    """What a follower sees, the pauses, and the restarts."""
    follower, pauses, restarts = Seen(), [], []  # type: ignore[var-annotated]

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    following = Following(
        fake.api(), LIST, follower, {"labelSelector": "x=y"}, on_restart=lambda: restarts.append(""), sleep=sleep
    )
    task = asyncio.create_task(following.run())
    try:
        yield follower, pauses, restarts
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Any) -> None:
    """Lets the event loop run until a condition holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.001)


@pytest.fixture
def fake() -> FakeApi:
    return FakeApi()


async def test_a_list_is_read_in_pages_and_then_watched(fake: FakeApi) -> None:
    for name in "abc":
        fake.put(*service(name))
    async with followed(fake) as (follower, _, _):
        await fake.began.wait()
        assert follower.notes == ["a", "b", "c", ["a", "b", "c"]]
        assert fake.calls == [f"GET {LIST}"] * 3
        fake.put(*service("d"))
        fake.remove(service("a")[0])
        await until(lambda: len(follower.notes) == 6)
    assert follower.notes[4:] == ["d", "-a"]
    [query] = fake.watch_queries
    assert (query["resourceVersion"], query["allowWatchBookmarks"], query["labelSelector"]) == ("103", "true", "x=y")


async def test_a_watch_continues_after_a_bookmark_without_a_list(fake: FakeApi) -> None:
    async with followed(fake) as (_, pauses, restarts):
        await fake.began.wait()
        fake.end_watches({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "777"}}})
        await until(lambda: len(fake.watch_queries) == 2)
    assert fake.watch_queries[1]["resourceVersion"] == "777"
    assert (pauses, restarts) == ([], [])
    assert fake.calls == [f"GET {LIST}"] * 3


@pytest.mark.parametrize("is_event", [True, False], ids=["an event", "an answer"])
async def test_a_place_that_the_server_has_forgotten_is_listed_again(fake: FakeApi, is_event: bool) -> None:
    fake.put(*service("a"))
    async with followed(fake) as (follower, _, _):
        await fake.began.wait()
        if not is_event:
            fake.refuse["GET"] = [410]
        fake.objects.clear()  # deleted while nothing watched
        fake.end_watches({"type": "ERROR", "object": {"code": 410, "message": "too old"}} if is_event else None)
        await until(lambda: follower.notes[-1] == [])
    assert follower.notes == ["a", ["a"], []]


async def test_pauses_grow_while_the_server_is_down_and_start_again_afterwards(fake: FakeApi) -> None:
    fake.refuse["GET"] = [0, 500, 403, 0, 0, 0, 0, 0, 0]
    async with followed(fake) as (_, pauses, restarts):
        await fake.began.wait()
        assert len(pauses) == len(restarts) == 9
        assert all(0.5 * 0.5 * 2**n <= min(pause, 15) * 1.0001 for n, pause in enumerate(pauses[:5]))
        assert max(pauses) <= 15
        fake.refuse["GET"] = [0]
        fake.end_watches({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}})
        await until(lambda: len(pauses) == 10)
    assert pauses[9] <= 0.5


async def test_a_silent_watch_counts_as_dead(fake: FakeApi) -> None:
    timeouts: list[dict[str, float]] = []

    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            timeouts.append(request.extensions["timeout"])
            raise httpx.ReadTimeout("")

    api = KubernetesApi(Connection("http://api", tls=False, token=Token(None)), transport=Silent())
    with pytest.raises(Unavailable, match="ReadTimeout"):
        await anext(api.watch(LIST, "1", 300))
    assert timeouts[0]["read"] == SILENCE == 75


async def test_patches_say_which_version_they_were_made_for(fake: FakeApi) -> None:
    api = fake.api()
    path, item = service("a")
    made = fake.put(path, item)
    changed = await api.merge(
        path, {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"], "labels": {"a": "b"}}}
    )
    assert changed["metadata"]["labels"] == {"a": "b"}
    with pytest.raises(Changed):
        await api.merge(path, {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}})
    with pytest.raises(Missing, match="not found"):
        await api.get("/api/v1/namespaces/n/services/z")
    fake.refuse["GET"] = [403]
    with pytest.raises(Refused, match="refused by the test") as caught:
        await api.get(path)
    assert caught.value.status == 403
    assert set(fake.authorizations) == {"Bearer secret"}
