"""The checks of `mr doctor`, one after the other. No request is retried, so the result is that of the first attempt."""

import email.utils
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx
from model_registry_client.addresses import BASE_PATHS, candidates, root_url
from model_registry_client.credentials import find_token, verification
from model_registry_client.errors import RegistryError, error_for
from model_registry_client.states import RegisteredModelState

from model_registry_cli.connection import Connection
from model_registry_cli.large_integers import LargeInteger, large_integers
from model_registry_cli.resources import RESOURCES, Resource


class Status(StrEnum):
    """The result of a check."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """A check and its result.

    Attributes:
        name: The name of the check.
        status: The result.
        message: What was found, in words.
        milliseconds: The median time of a response, if it was measured.
        values: The whole numbers that Kubeflow's newest Python client cannot read.
    """

    name: str
    status: Status
    message: str
    milliseconds: float | None = None
    values: tuple[LargeInteger, ...] = ()


TIMES = 5
SLOW_MS = 1000.0
SKEW_SECONDS = 5.0
_NOT_FOUND, _REFUSED = 404, (401, 403)
_TIMED = [resource for resource in RESOURCES if resource.name != "metrics"]


@dataclass
class HealthChecks:
    """Checks one server.

    Attributes:
        connection: The server.
        may_write: Whether it may create and archive a probe model.
        scans_entities: Whether it reads all entities to find large whole numbers.
    """

    connection: Connection
    may_write: bool = False
    scans_entities: bool = True
    _base: str = field(default="", init=False)

    def checks(self) -> Iterator[Check]:
        """Yields the result of each check when it is done. It ends early if the server cannot be reached."""
        root = root_url(self.connection.server)
        token = find_token(self.connection.token, self.connection.token_file).current()
        headers = {"User-Agent": "mr doctor", "X-Exact-Integers": "true"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        insecure = False if self.connection.insecure else None
        verify = verification(root, self.connection.ca, insecure)
        with httpx.Client(verify=verify, headers=headers, timeout=self.connection.timeout) as http:
            yield from self._of_server(http, root)

    def _of_server(self, http: httpx.Client, root: str) -> Iterator[Check]:
        reached = _reached(http, root)
        yield reached
        if reached.status is Status.FAILED:
            return
        for base in candidates(root):
            offered = self._offered(http, root, base)
            yield offered
            if offered.status is Status.OK and not self._base:
                self._base = base
        yield _health(http, root.partition("/api/model_registry/")[0])
        yield _clock(http, self._base or root)
        if self._base:
            yield from self._latencies(http)
            if self.scans_entities:
                yield _whole_numbers(http, self._base)

    def _offered(self, http: httpx.Client, root: str, base: str) -> Check:
        name = f"API {base.removeprefix(root).rpartition('/')[2] or base.rpartition('/')[2]}"
        answer, took = _timed(lambda: http.get(f"{base}/registered_models", params={"pageSize": 1}))
        if isinstance(answer, str):
            return Check(name, Status.FAILED, answer)
        if answer.is_success and "items" in _json(answer):
            return Check(name, Status.OK, "offered", took)
        if answer.status_code in _REFUSED:
            hint = (
                "the token is not accepted"
                if "authorization" in http.headers
                else "a token is needed, and none was given"
            )
            return Check(name, Status.FAILED, f"{answer.status_code}: {hint}", took)
        if answer.status_code == _NOT_FOUND or answer.is_success:
            is_last = base.endswith(BASE_PATHS[-1]) and not self._base
            return Check(name, Status.FAILED if is_last else Status.SKIPPED, "not offered", took)
        return Check(name, Status.FAILED, _words(answer), took)

    def _latencies(self, http: httpx.Client) -> Iterator[Check]:
        for resource in _TIMED:
            kind = resource.entity
            first = _median(lambda kind=kind: http.get(self._base + kind.collection, params={"pageSize": 1}))  # type: ignore[misc]
            yield _latency(f"list {resource.name}", first)
            item = (
                next(iter(_json(first[0]).get("items") or []), None) if isinstance(first[0], httpx.Response) else None
            )
            if item is None:
                yield Check(f"get {resource.word}", Status.SKIPPED, "there is none yet")
                continue
            path = f"{self._base}{kind.collection}/{item['id']}"
            yield _latency(f"get {resource.word}", _median(lambda path=path: http.get(path)))  # type: ignore[misc]
            yield from self._find(http, resource, item)
        if self.may_write:
            yield from self._writes(http)

    def _find(self, http: httpx.Client, resource: Resource, item: Mapping[str, Any]) -> Iterator[Check]:
        kind = resource.entity
        above = [alias for name, alias in kind.creatable() if name in {parent.argument for parent in kind.parents}]
        params = {"name": item.get("name", "")}
        if above and above[0] in item:
            params["parentResourceId"] = item[above[0]]
        if kind.parents and len(params) == 1:
            return  # an artifact does not say what its parent is
        path = f"{self._base}{kind.finder}"
        yield _latency(f"find {resource.word}", _median(lambda: http.get(path, params=params)))

    def _writes(self, http: httpx.Client) -> Iterator[Check]:
        """Creates a model with a version, and archives both."""
        models, versions = f"{self._base}/registered_models", f"{self._base}/model_versions"
        sent: dict[str, Any] = {
            "name": f"mr-doctor-{uuid.uuid4().hex[:12]}",
            "description": "Created by mr doctor --write.",
        }
        made = _timed(lambda: http.post(models, json=sent))
        yield _latency("create model", made)
        if isinstance(made[0], str) or not made[0].is_success:
            return
        model = _json(made[0])["id"]
        sent = {"name": "1", "registeredModelId": model}
        made = _timed(lambda: http.post(versions, json=sent))
        yield _latency("create version", made)
        archived = {"state": RegisteredModelState.ARCHIVED.value}
        if isinstance(made[0], httpx.Response) and made[0].is_success:
            path = f"{versions}/{_json(made[0])['id']}"
            yield _latency("archive version", _timed(lambda: http.patch(path, json=archived)))
        yield _latency("archive model", _timed(lambda: http.patch(f"{models}/{model}", json=archived)))


Timed = tuple[httpx.Response | str, float]
"""A response, or the reason why there is none; and its time in milliseconds."""


def _timed(send: Callable[[], httpx.Response]) -> Timed:
    begun = time.perf_counter()
    try:
        answer: httpx.Response | str = send()
    except httpx.HTTPError as error:
        answer = str(error) or type(error).__name__
    return answer, (time.perf_counter() - begun) * 1000


def _median(send: Callable[[], httpx.Response]) -> Timed:
    """Sends a request several times and returns the median time. The first error ends it."""
    took = []
    for _ in range(TIMES):
        answer, milliseconds = _timed(send)
        took.append(milliseconds)
        if isinstance(answer, str) or not answer.is_success:
            break
    return answer, statistics.median(took)


def _whole_numbers(http: httpx.Client, base: str) -> Check:
    """Reads all entities to find whole numbers that Kubeflow's newest Python client cannot read."""
    name = "whole numbers"
    values: tuple[LargeInteger, ...] = ()
    try:
        values, took = _timed_values(http, base)
    except (httpx.HTTPError, RegistryError) as error:
        return Check(name, Status.FAILED, str(error) or type(error).__name__)
    if not values:
        return Check(name, Status.OK, "Kubeflow's newest Python client can read all of them", took)
    message = f"{len(values)} of more than 9 digits: Kubeflow's newest Python client fails on lists that hold one"
    return Check(name, Status.WARNING, message, took, values)


def _timed_values(http: httpx.Client, base: str) -> tuple[tuple[LargeInteger, ...], float]:
    begun = time.perf_counter()
    return tuple(large_integers(http, base)), (time.perf_counter() - begun) * 1000


def _latency(name: str, timed: Timed) -> Check:
    answer, took = timed
    if isinstance(answer, str):
        return Check(name, Status.FAILED, answer, took)
    if not answer.is_success:
        return Check(name, Status.FAILED, _words(answer), took)
    return Check(name, Status.WARNING, "slow", took) if took > SLOW_MS else Check(name, Status.OK, "", took)


def _reached(http: httpx.Client, root: str) -> Check:
    answer, took = _timed(lambda: http.get(f"{root}/"))
    if isinstance(answer, str):
        return Check("reachable", Status.FAILED, answer)
    server = answer.headers.get("server")
    return Check("reachable", Status.OK, f"{root}" + (f", server software {server}" if server else ""), took)


def _health(http: httpx.Client, root: str) -> Check:
    answer, took = _timed(lambda: http.get(f"{root}/readyz/health", params={"format": "json"}))
    if isinstance(answer, str):
        return Check("health", Status.FAILED, answer)
    checks = _json(answer).get("checks")
    if not isinstance(checks, dict):
        return Check("health", Status.SKIPPED, "the server does not report it", took)
    failing = [f"{name}: {each.get('Message', '')}" for name, each in checks.items() if each.get("Status") == "fail"]
    if failing:
        return Check("health", Status.FAILED, "; ".join(failing), took)
    store = checks.get("database", {}).get("Details", {}).get("datastore_type", "the store")
    return Check("health", Status.OK, f"{store} and {len(checks) - 1} more are healthy", took)


def _clock(http: httpx.Client, path: str) -> Check:
    """Compares the clock of the server with ours. Its Date header has whole seconds, so a second is allowed."""
    begun = time.time()
    answer, took = _timed(lambda: http.get(path))
    date = answer.headers.get("date") if isinstance(answer, httpx.Response) else None
    try:
        server = email.utils.parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return Check("clock", Status.SKIPPED, "the server sends no Date header", took)
    early, late = server - (begun + took / 1000), server + 1 - begun
    skew = 0.0 if early <= 0 <= late else min(early, late, key=abs)
    if abs(skew) <= SKEW_SECONDS:
        return Check("clock", Status.OK, f"{abs(skew):.1f} s apart" if skew else "the same, to the second", took)
    return Check("clock", Status.WARNING, f"the server is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}", took)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(answer: httpx.Response) -> str:
    error = error_for(answer.status_code, _json(answer) or answer.text, answer.reason_phrase, None, "")
    return f"{error.status}: {error.message}"
