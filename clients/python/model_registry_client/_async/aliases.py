"""The aliases of a model: where they point, their moves, and the version of a range."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from model_registry_client import questions
from model_registry_client._async.transport import AsyncTransport
from model_registry_client._async.verbs import AsyncVerbs
from model_registry_client.aliased import Alias, AliasMove
from model_registry_client.entities import ModelVersion, RegisteredModel
from model_registry_client.errors import NotFound
from model_registry_client.extended import milliseconds


class AsyncAliases:
    """The aliases of one model. Each method raises `NotSupported` with a server that has none.

    Args:
        verbs: Finds the model by its name.
        transport: Sends the requests.
        model: The model, or its name. A name is looked up with the first request.
    """

    def __init__(self, verbs: AsyncVerbs, transport: AsyncTransport, model: RegisteredModel | str) -> None:
        self._verbs, self._transport, self._model = verbs, transport, model

    async def list(self) -> list[Alias]:
        """Returns the aliases that point to a version, by name. Raises `NotFound` if there is no such model."""
        answer = await self._get("/aliases")
        return [Alias.from_wire(each) for each in answer["items"]]

    async def get(self, name: str) -> Alias:
        """Returns an alias. Raises `NotFound` if there is none, or if it points nowhere."""
        return Alias.from_wire(await self._get(_path(name)))

    async def version(self, name: str, *, at: datetime | None = None) -> ModelVersion:
        """Returns the version that an alias points to, now or as of a time.

        Args:
            name: The name of the alias.
            at: The time. A time without a time zone is local time.

        Raises:
            NotFound: There is no such alias, or it pointed nowhere then.
        """
        return ModelVersion.from_wire(await self._get(f"{_path(name)}/version", at=milliseconds(at)))

    async def set(
        self,
        name: str,
        version: ModelVersion | str,
        *,
        reason: str = "",
        expected: ModelVersion | str | None = None,
        protected: bool | None = None,
        force: bool = False,
    ) -> Alias:
        """Points an alias to a version, and returns it. The server records the move in the same step.

        Args:
            name: The name of the alias.
            version: The version, or its id.
            reason: Why; it is kept in the history.
            expected: The version that the alias must point to, or its id; an empty text for nowhere.
            protected: Whether the alias is protected from now on; `None` for as before.
            force: Moves a protected alias too, on a server without authentication.

        Raises:
            Conflict: The alias points elsewhere than expected, or the version is archived.
            Forbidden: The user may not move this alias.
            NotFound: There is no such model or version.
            Invalid: The name cannot be an alias, or the version belongs to another model.
        """
        body = {"modelVersionId": _id(version), "protected": protected, **_terms(reason, expected, force=force)}
        # A repetition is not recorded twice: the alias is there already. With an expectation it would be a conflict.
        answer = await self._change("PUT", _path(name), body=body, is_repeatable=expected is None)
        return Alias.from_wire(answer)

    async def delete(
        self, name: str, *, reason: str = "", expected: ModelVersion | str | None = None, force: bool = False
    ) -> None:
        """Makes an alias point nowhere; its history stays. The arguments and errors are those of `set`."""
        query = _terms(reason, expected, force=force)
        await self._change("DELETE", _path(name), params=query | {"force": "true"} if force else query)

    async def rollback(
        self, name: str, *, reason: str = "", expected: ModelVersion | str | None = None, force: bool = False
    ) -> Alias:
        """Points an alias to where it was before its present version was put there, and returns it.

        A second one goes further back, never forward. The arguments and errors are those of `set`. It raises `Conflict` where there
        is no former version.
        """
        body = _terms(reason, expected, force=force)
        return Alias.from_wire(await self._change("POST", f"{_path(name)}:rollback", body=body))

    async def history(
        self, name: str | None = None, *, actor: str | None = None, at: datetime | None = None
    ) -> AsyncIterator[AliasMove]:
        """Yields moves, newest first: of one alias, or of all aliases of the model.

        Args:
            name: Only moves of this alias.
            actor: Only moves by this user.
            at: Only moves up to this time.
        """
        query: dict[str, Any] = {"alias": name, "actor": actor, "at": milliseconds(at)}
        while True:
            answer = await self._get("/history", **query)
            for item in answer["items"]:
                yield AliasMove.from_wire(item)
            if not answer["nextPageToken"]:
                return
            query["nextPageToken"] = answer["nextPageToken"]

    async def resolve(self, range_: str) -> ModelVersion:
        """Returns the highest live version in a range of semantic versions, in npm's language, or the one of this name.

        Raises:
            NotFound: Nothing fits.
            Invalid: The text is neither a range nor a name.
        """
        return ModelVersion.from_wire(await self._get("/versions:resolve", range=range_))

    async def _get(self, path: str, **query: Any) -> Any:
        sent = {key: value for key, value in query.items() if value is not None}
        return await self._transport.get_extension(await self._base() + path, sent)

    async def _change(self, method: str, path: str, *, is_repeatable: bool = False, **sent: Any) -> Any:
        path = await self._base() + path
        return await self._transport.change_extension(method, path, is_repeatable=is_repeatable, **sent)

    async def _base(self) -> str:
        """The path of the model below the base path of the extensions."""
        if isinstance(self._model, str):
            found = await self._verbs.find(RegisteredModel, self._model)
            if found is None:
                raise NotFound(404, "Not Found", f"No {RegisteredModel.words} is named {self._model!r}.")
            self._model = found
        return f"/registered_models/{questions.id_in_path(RegisteredModel, self._model.id)}"


def _path(name: str) -> str:
    return f"/aliases/{quote(name, safe='')}"


def _id(version: ModelVersion | str) -> str:
    return version if isinstance(version, str) else version.id


def _terms(reason: str, expected: ModelVersion | str | None, *, force: bool) -> dict[str, Any]:
    terms: dict[str, Any] = {"reason": reason} if reason else {}
    if expected is not None:
        terms["expectedModelVersionId"] = _id(expected)
    return {**terms, "force": True} if force else terms
