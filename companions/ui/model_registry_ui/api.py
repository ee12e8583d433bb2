"""What pages ask of a registry: typed reads and changes on behalf of one user, counted, and at most 8 at a time."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import orjson
from model_registry_client.entity import Entity

from model_registry_ui.backend import Answer, Backend, Caller, Prefixes, Question, Unreachable
from model_registry_ui.worker import LARGE, in_thread

AT_A_TIME = 8
SECONDS = "4.5"
"""How long the API may take for a call: a little less than a page waits, so that its own words arrive."""
TOO_SLOW = "The registry takes too long to answer."
_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _PRECONDITION_FAILED = 400, 403, 404, 412
_TIME = "time:"
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class ApiError(Exception):
    """The API refuses. `status` is the HTTP status; the text is the API's own sentence."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for does not exist, or is hidden from the user."""
        return self.status == _NOT_FOUND

    @property
    def has_changed(self) -> bool:
        """Whether a change was refused because another user was faster."""
        return self.status == _PRECONDITION_FAILED


@dataclass(frozen=True, slots=True)
class EntityPage(Generic[E]):
    """One page of a list. `next_token` is empty on the last one."""

    items: Sequence[E]
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Found(Generic[E]):
    """An entity, and the mark of this version of it, which `Api.change` wants back.

    The mark is the ETag. Where a server sends none, it is the time of the last change: weaker, since a change in the moment
    before the write is not noticed. `wire` is the answer in JSON, which keeps values that `entity` does not know, and `size` its
    bytes.
    """

    entity: E
    mark: str
    wire: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0

    @property
    def is_weak(self) -> bool:
        """Whether the server sends no ETag."""
        return self.mark.startswith(_TIME)


class Api:
    """The API for one user and one page. `calls` counts what was sent, and `received` the bytes of the answers."""

    def __init__(self, backend: Backend, caller: Caller) -> None:
        self._backend, self._caller = backend, caller
        self._free = asyncio.Semaphore(AT_A_TIME)
        self._ends_at: float | None = None
        self.calls = self.received = 0

    def ends_in(self, seconds: float) -> None:
        """Limits the time of all calls from now on together. A call that is not answered by then raises `Unreachable`."""
        self._ends_at = asyncio.get_running_loop().time() + seconds

    def as_user(self, token: str) -> "Api":
        """Returns the same API for the user of another token."""
        kept = tuple(pair for pair in self._caller.headers if pair[0] != "authorization")
        caller = replace(self._caller, headers=(*kept, ("authorization", f"Bearer {token}")))
        api = Api(self._backend, caller)
        api._ends_at = self._ends_at
        return api

    async def page(self, kind: type[E], path: str = "", **parameters: str) -> EntityPage[E]:
        """Returns one page of a list.

        Args:
            kind: The class of the entities.
            path: The path of the list below the prefix; by default that of all entities of the kind.
            parameters: Parameters of the query as in the API, such as `filterQuery`. Empty ones are not sent.

        Raises:
            ApiError: The API refuses.
            Unreachable: The registry does not answer.
        """
        answer = await self._ask(await self._url(path or kind.collection), parameters)
        return await in_thread(len(answer.body) > LARGE, _page, kind, answer)

    async def named(self, kind: type[E], ids: Iterable[str]) -> dict[str, E]:
        """Returns entities by their ids, in one call; without those that do not exist, are hidden, or cannot be asked for."""
        wanted = sorted({id_ for id_ in ids if _ID.fullmatch(id_)}, key=int)
        if not wanted:
            return {}
        found = await self.matching(kind, f"id IN ({', '.join(wanted)})", pageSize=str(len(wanted)))
        return {entity.id: entity for entity in found.items}

    async def matching(self, kind: type[E], query: str, **parameters: str) -> EntityPage[E]:
        """Returns the entities that match a query of the UI's own; none where the server does not understand it."""
        try:
            return await self.page(kind, filterQuery=query, **parameters)
        except ApiError as error:
            if error.status != _BAD_REQUEST:
                raise
            return EntityPage(())

    async def get(self, kind: type[E], id_: str) -> Found[E]:
        """Returns an entity by its id; raises `ApiError` and `Unreachable`."""
        return await _read(kind, await self._ask(await self._url(f"{kind.collection}/{_segment(id_)}")))

    async def find(self, kind: type[E], **parameters: str) -> Found[E]:
        """Returns an entity by its `name`, or by `externalId`; a version or run also needs `parentResourceId`."""
        return await _read(kind, await self._ask(await self._url(kind.finder or ""), parameters))

    async def create(self, kind: type[E], fields: Mapping[str, Any], path: str = "") -> Found[E]:
        """Creates an entity from its JSON. It is sent once and never repeated."""
        url = await self._url(path or kind.collection)
        return await _read(kind, await self._send(Question(url, method="POST", body=_body(fields))))

    async def change(self, kind: type[E], id_: str, fields: Mapping[str, Any], mark: str) -> Found[E]:
        """Changes fields of an entity, given as JSON, if it is still the version with this mark.

        Raises:
            ApiError: With `has_changed`, if another user was faster; and for all other refusals.
            Unreachable: The registry does not answer.
        """
        url = await self._url(f"{kind.collection}/{_segment(id_)}")
        if not (mark and mark.isascii() and mark.isprintable()):  # a form lost it, and nothing is changed without one
            raise ApiError(_PRECONDITION_FAILED, "It is not known which version of it was opened.")
        headers: tuple[tuple[str, str], ...] = (("if-match", mark),)
        if mark.startswith(_TIME):
            present = await self.get(kind, id_)
            if present.mark != mark:
                raise ApiError(_PRECONDITION_FAILED, "It has been changed since.")
            # Servers without ETags reset some fields that a change leaves out.
            fields, headers = {**present.entity.kept(), **fields}, ()
        question = Question(url, method="PATCH", headers=headers, body=_body(fields))
        return await _read(kind, await self._send(question))

    async def extension(self, path: str, **parameters: str) -> Any | None:
        """Returns the JSON of an extension of the API; `None` if this server does not have it."""
        prefix = (await self._prefixes()).extensions
        return _object(await self._ask(prefix + path, parameters)) if prefix else None

    async def change_extension(self, method: str, path: str, fields: Mapping[str, Any]) -> None:
        """Changes something by an extension of the API; raises `ApiError` and `Unreachable`."""
        prefix = (await self._prefixes()).extensions
        await self._send(Question(prefix + path, method=method, body=_body(fields)))

    async def has_extensions(self) -> bool:
        """Whether the server has extensions of the API."""
        return bool((await self._prefixes()).extensions)

    @property
    def may_have_extensions(self) -> bool:
        """Whether it is not known that the server has no extensions. Nothing is asked for that."""
        known = self._backend.known_prefixes()
        return known is None or bool(known.extensions)

    @property
    def has_catalog(self) -> bool:
        """Whether it is known that the server has a model catalog. Nothing is asked for that."""
        known = self._backend.known_prefixes()
        return known is not None and bool(known.catalog)

    async def catalog(self, path: str, **parameters: str) -> dict[str, Any]:
        """Returns the JSON of an operation of the model catalog, by its path below the prefix.

        Raises:
            ApiError: The catalog refuses, or the server has none.
            Unreachable: The server does not answer.
        """
        return await self._of_catalog((await self._prefixes()).catalog, path, parameters)

    async def mcp_catalog(self, path: str, **parameters: str) -> dict[str, Any]:
        """Returns the JSON of an operation of the MCP servers in the catalog; see `catalog`."""
        return await self._of_catalog((await self._prefixes()).mcp_catalog, path, parameters)

    async def _of_catalog(self, prefix: str, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        if not prefix:
            raise ApiError(_NOT_FOUND, "This server has no model catalog.")
        return _object(await self._ask(prefix + path, parameters))

    async def raw(self, path: str, **parameters: str) -> Answer:
        """Returns the answer to a GET of any path from the root of the server, such as `/openapi.json`."""
        return await self._ask(path, parameters)

    async def prefix(self) -> str:
        """Returns the prefix of the API."""
        return (await self._prefixes()).api

    async def has_experiments(self) -> bool:
        """Whether the server has experiments: Kubeflow's newer prefix has none."""
        return not (await self._prefixes()).api.endswith("/v1")

    async def _url(self, path: str) -> str:
        return (await self._prefixes()).api + path

    async def _prefixes(self) -> Prefixes:
        return await self._in_time(self._backend.prefixes)

    async def _in_time(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of a call, which begins only if there is time left."""
        if self._ends_at is not None and asyncio.get_running_loop().time() >= self._ends_at:
            raise Unreachable(TOO_SLOW)
        try:
            async with asyncio.timeout_at(self._ends_at) as limit:
                return await call()
        except TimeoutError:
            if not limit.expired():
                raise
            raise Unreachable(TOO_SLOW) from None

    async def _ask(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        given = tuple((name, value) for name, value in (parameters or {}).items() if value)
        return await self._send(Question(path, given))

    async def _send(self, question: Question) -> Answer:
        self.calls += 1
        headers = [*question.headers, ("accept", "application/json"), ("x-request-timeout", SECONDS)]
        headers.append(("x-exact-integers", "true"))
        if question.body:
            headers.append(("content-type", "application/json"))
        if self._caller.request_id:
            headers.append(("x-request-id", self._caller.request_id))
        sent = Question(question.path, question.parameters, question.method, tuple(headers), question.body)

        async def call() -> Answer:
            async with self._free:
                return await self._backend.send(sent, self._caller)

        answer = await self._in_time(call)
        self.received += len(answer.body)
        if answer.status >= _BAD_REQUEST:
            raise ApiError(answer.status, _message(answer), answer.headers)
        return answer


def _segment(id_: str) -> str:
    """An id as a part of a path. Ids are whole numbers, so anything else exists nowhere."""
    if id_.isascii() and id_.isdigit():
        return id_
    raise ApiError(_NOT_FOUND, f"Nothing has the id {id_[:40]!r}: ids are whole numbers.")


async def _read(kind: type[E], answer: Answer) -> Found[E]:
    return await in_thread(len(answer.body) > LARGE, _found, kind, answer)


def _page(kind: type[E], answer: Answer) -> EntityPage[E]:
    content = _object(answer)
    items = [kind.from_wire(item) for item in content.get("items") or ()]
    return EntityPage(items, content.get("nextPageToken") or "")


def _found(kind: type[E], answer: Answer) -> Found[E]:
    wire = _object(answer)
    entity = kind.from_wire(wire)
    mark = answer.headers.get("etag") or f"{_TIME}{entity.last_update_time_since_epoch or ''}"
    return Found(entity, mark, wire, len(answer.body))


def _body(fields: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # half a character, or a number of more than 64 bits
        raise ApiError(_BAD_REQUEST, "The form holds a value that cannot be sent. Open the form again.") from None


def _object(answer: Answer) -> dict[str, Any]:
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise Unreachable("The registry answers with something that is not its API.") from None
    if not isinstance(content, dict):
        raise Unreachable("The registry answers with something that is not its API.")
    return content


def _message(answer: Answer) -> str:
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        content = None
    message = content.get("message") if isinstance(content, dict) else None
    if not message and answer.status == _FORBIDDEN:  # of a gateway, which answers with a page or a plain text
        return "The registry, or a gateway before it, does not permit this to you."
    return str(message) if message else f"The registry answers with the status {answer.status}."
