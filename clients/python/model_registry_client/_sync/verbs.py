# Generated from _async/verbs.py by `make client`.
"""The verbs on any entity. The named methods of a registry call them with a fixed entity."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from model_registry_client import bodies, questions
from model_registry_client._sync.transport import Transport
from model_registry_client._sync.waiting import sleep
from model_registry_client.entities import Artifact, InferenceService, Metric, ModelVersion, RegisteredModel
from model_registry_client.entity import Entity, Parent
from model_registry_client.errors import Conflict, InvalidValue, NotFound, RegistryError, UnknownOutcome
from model_registry_client.notices import warn_of_large_integers
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.retries import Unsure
from model_registry_client.states import OrderBy

E = TypeVar("E", bound=Entity)
Below = tuple[Parent, str] | None
"""A parent and its id; `None` for an entity without a parent."""


class Verbs:
    """Create, find, get, list, update and upsert, for any entity of `ENTITIES`; and reads of what is deployed."""

    def __init__(self, transport: Transport, *, partial_updates: bool = False) -> None:
        self._transport = transport
        self._partial_updates = partial_updates

    def create(self, entity: type[E], fields: Mapping[str, Any], below: Below = None) -> E:
        """Creates an entity and returns it.

        If the outcome of an attempt is unknown, the entity is looked up before anything is sent again.

        Args:
            entity: The class of the entity.
            fields: Values by field name. Without a name, one is generated, so that the entity can be looked up.
            below: The parent and its id.

        Raises:
            Conflict: The name or the external id is taken.
            UnknownOutcome: The outcome is unknown, and the entity cannot be looked up.
            InvalidValue: The API cannot express a value; nothing was sent.
            Invalid: The server refuses a value.
            NotFound: The parent does not exist.
        """
        sent = bodies.of_new(entity, fields, below)
        is_generated = not sent.get("name")
        sent["name"] = sent.get("name") or str(uuid.uuid4())
        path = bodies.creation_path(entity, below)
        warn_of_large_integers(entity.words, sent)
        state, unsure = self._transport.retry_state(), None
        while True:
            try:
                return entity.from_wire(self._transport.post(path, sent, state))
            except Unsure as interruption:
                unsure = interruption
                if found := self._created(entity, sent, below, unsure, is_generated=is_generated):
                    return found
                if unsure.pause is None:
                    raise unsure.cause from unsure.cause.__cause__
                sleep(unsure.pause)
            except Conflict:
                if unsure and (found := self._created(entity, sent, below, unsure, is_generated=is_generated)):
                    return found
                raise

    def _created(
        self, entity: type[E], sent: Mapping[str, Any], below: Below, unsure: Unsure, *, is_generated: bool
    ) -> E | None:
        """Returns what an attempt of unknown outcome created. An entity of the same name with other content does not count."""
        try:
            if entity is Metric and below and below[0].argument == "experiment_run_id":
                return self._recorded_value(entity, sent, below[1])
            if not bodies.can_be_looked_up(entity, sent, below, is_generated):
                raise UnknownOutcome(  # noqa: TRY301
                    f"A {entity.words} named {sent['name']!r} may or may not have been created: {unsure.cause}. Artifacts without"
                    " a parent may share a name, so it was not sent again. Give it an external_id, and it can be looked up."
                ) from unsure.cause
            found = self._same_named(entity, sent, below)
        except (UnknownOutcome, InvalidValue):
            raise
        except RegistryError as error:
            raise UnknownOutcome(
                f"A {entity.words} named {sent['name']!r} may or may not have been created: {unsure.cause}"
            ) from error
        return found if found and bodies.holds(found, sent) else None

    def _same_named(self, entity: type[E], sent: Mapping[str, Any], below: Below) -> E | None:
        if sent.get("externalId"):
            return self.find(entity, external_id=sent["externalId"])
        if below or not issubclass(entity, Artifact):
            return self.find(entity, sent["name"], below)
        for found in self.list(entity, filter_query=f'name = "{sent["name"]}"'):  # a generated name: a UUID
            return found
        return None

    def _recorded_value(self, entity: type[E], sent: Mapping[str, Any], run_id: str) -> E | None:
        """Returns the metric if an attempt of unknown outcome recorded its value: it is then in the history of the run."""
        params = {"name": sent["name"], "sortOrder": "DESC", "stepIds": sent.get("step")}
        path = f"/experiment_runs/{run_id}/metric_history"
        for row in self._pages(Metric, path, params, PAGE_SIZE):
            if row.name == sent["name"] and bodies.holds(row, sent, ("value", "timestamp", "step")):
                return entity.from_wire(
                    self._transport.get("/artifact", {"name": sent["name"], "parentResourceId": run_id})
                )
        return None

    def find(
        self, entity: type[E], name: str | None = None, below: Below = None, external_id: str | None = None
    ) -> E | None:
        """Finds an entity by name or external id. Returns `None` if there is none.

        Args:
            entity: The class of the entity.
            name: The name.
            below: The parent and its id, for an entity that has a parent.
            external_id: The external id, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one entity.
        """
        params = questions.find(entity, name, below, external_id)
        if entity.finder is None:
            return self._listed(entity, name, below, external_id)
        try:
            found = entity.from_wire(self._transport.get(entity.finder, params))
        except NotFound:
            return self._listed(entity, name, below, external_id) if entity.artifact_type and below else None
        except RegistryError:
            if not (entity.artifact_type and below):
                raise
            return self._listed(entity, name, below, external_id)
        return found if isinstance(found, entity) else self._listed(entity, name, below, external_id)

    def _listed(self, entity: type[E], name: str | None, below: Below, external_id: str | None) -> E | None:
        """Finds an entity in its list: there is no find operation, or it found an artifact of the same name and another kind."""
        if below is None:
            return None
        narrowed: dict[str, Any] = {"externalId": external_id} if name is None else {"name": name}
        for found in self.list(entity, below, narrowed=narrowed):
            if (name is None or found.name == name) and (external_id is None or found.external_id == external_id):
                return found
        return None

    def get(self, entity: type[E], id_: str) -> E:
        """Returns the entity of this id. Raises `NotFound`, also if the id belongs to another kind."""
        found = entity.from_wire(self._transport.get(questions.by_id(entity, id_)))
        if not isinstance(found, entity):
            raise NotFound(404, "Not Found", f"No {entity.words} has id {id_}.", None, f"GET {entity.collection}/{id_}")
        return found

    def get_deployed_model(self, inference_service_id: str) -> RegisteredModel:
        """Returns the registered model that an inference service deploys. Raises `NotFound`."""
        path = questions.by_id(InferenceService, inference_service_id)
        return RegisteredModel.from_wire(self._transport.get(f"{path}/model"))

    def get_deployed_version(self, inference_service_id: str) -> ModelVersion:
        """Returns the version that an inference service deploys: the one it names, else the newest of its model.

        Raises:
            NotFound: There is no such inference service, or its model has no version.
        """
        path = questions.by_id(InferenceService, inference_service_id)
        return ModelVersion.from_wire(self._transport.get(f"{path}/version"))

    def list(
        self,
        entity: type[E],
        below: Below = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
        narrowed: Mapping[str, Any] | None = None,
    ) -> Iterator[E]:
        """Iterates over entities. Pages are fetched when they are needed.

        Args:
            entity: The class of the entities.
            below: Only those below this parent.
            filter_query: Only those that match this filter.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request.
            narrowed: More query parameters.
        """
        params = questions.listing(entity, filter_query, order_by, descending, narrowed)
        for item in self._pages(entity, questions.list_path(entity, below), params, page_size):
            if isinstance(item, entity):
                yield item

    def _pages(self, entity: type[E], path: str, query: Mapping[str, Any], page_size: int) -> Iterator[E]:
        token: str | None = None
        while True:
            params = {**query, "pageSize": page_size, "nextPageToken": token}
            page = self._transport.get(path, {key: value for key, value in params.items() if value not in (None, "")})
            for item in questions.items(page):
                yield entity.from_wire(item)
            token = page.get("nextPageToken")
            if not token:
                return

    def update(self, entity: E | type[E], id_: str | None = None, fields: Mapping[str, Any] | None = None) -> E:
        """Updates the given fields and no others. Returns the whole entity.

        Some servers reset a state that an update leaves out. So the entity is read first and its state repeated, unless the update
        sets the state or the registry was made with `partial_updates`.

        Args:
            entity: An entity that was read, whose own changes are sent too; or a class, with `id_`.
            id_: The id, if `entity` is a class.
            fields: New values by field name. `None` clears a field.

        Raises:
            NotFound: There is no such entity.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
        """
        kind, id_ = (type(entity), entity.id) if isinstance(entity, Entity) else (entity, id_)
        if not id_:
            raise InvalidValue(f"A {kind.words} must have an id to be changed.")
        changes = bodies.of_change(entity, fields or {})
        if not changes:
            return self.get(kind, id_)
        warn_of_large_integers(kind.words, changes)
        if not self._partial_updates and set(kind.reset_by_some) - set(changes):
            changes = (self.get(kind, id_)).kept() | changes
        if issubclass(kind, Artifact):
            changes["artifactType"] = kind.artifact_type
        return kind.from_wire(self._transport.patch(questions.by_id(kind, id_), changes))

    def update_either(self, kind: type[E], entity: E | str, fields: Mapping[str, Any]) -> E:
        """Calls `update` for an entity or an id. Raises `InvalidValue` for an entity of another kind."""
        if isinstance(entity, str):
            return self.update(kind, entity, fields)
        if not isinstance(entity, kind):
            raise InvalidValue(f"A {kind.words} or its id is needed; got {type(entity).__name__}.")
        return self.update(entity, fields=fields)

    def upsert(self, entity: type[E], fields: Mapping[str, Any], below: Below = None) -> E:
        """Updates the entity of this name (without a name, of this external id), or creates it. Concurrent calls create only one.

        No update is sent if the entity has all values already.

        Args:
            entity: The class of the entity.
            fields: Values by field name. A field that is `None` stays as it is.
            below: The parent and its id.

        Raises:
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
        """
        if entity.is_upserted and below:
            return self.create(entity, fields, below)
        name, external_id = fields.get("name"), fields.get("external_id")
        if not isinstance(name, str) and not isinstance(external_id, str):
            raise InvalidValue(f"A {entity.words} is upserted by its name or its external id; neither is given.")
        for is_last in (False, True):
            found = self.find(entity, name or None, below, None if name else external_id)
            if found and not entity.collection:
                return bodies.unchangeable(found, bodies.of_new(entity, fields, below))
            if found:
                changes = bodies.changeable(entity, fields)
                is_as_wanted = bodies.holds(found, bodies.of_change(entity, changes))
                return found if is_as_wanted else self.update(entity, found.id, changes)
            try:
                return self.create(entity, fields, below)
            except Conflict:
                if is_last:
                    raise
        raise AssertionError("unreachable")
