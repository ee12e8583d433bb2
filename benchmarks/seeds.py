"""Creates the entities that a store has before a run: models, one of them with 50 versions, and experiments.

A store that the benchmark starts is seeded through MLMD, many rows a call. A server at `--url` is seeded through REST.
"""

import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import grpc
import httpx

from benchmarks import naive, operations
from benchmarks.generator import Record
from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.type_definitions import put_types_request, type_ids

MODELS = 1000
VERSIONS = 50
PARENTS = 50
"""The number of parents that created children are spread over."""
_A_GROUP = 10
_BULK = 500
_REST_CONNECTIONS = 16
_SECONDS = 300
_Node = TypeVar("_Node")


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeded entities: `pools` has their records by pool, and `prefix` begins all names.

    `types` are the ids of MLMD's types by name; it is empty where the address of MLMD is not known.
    """

    prefix: str
    pools: Mapping[str, Sequence[Record]]
    types: naive.TypeIds


class Mlmd:
    """A client of an MLMD server that makes one call at a time; `address` is host:port."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address, [("grpc.max_receive_message_length", -1)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def call(self, request: Any) -> Any:
        """Makes the call for this request message and returns the response message. Raises `grpc.RpcError`."""
        name = type(request).__name__.removesuffix("Request")
        answer = getattr(service, f"{name}Response")
        path = f"/ml_metadata.MetadataStoreService/{name}"
        rpc = self._channel.unary_unary(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        return rpc(request, timeout=_SECONDS, wait_for_ready=True)

    def type_ids(self) -> naive.TypeIds:
        """The ids of MLMD's types by name; types that are missing are created."""
        answer = self.call(put_types_request())
        return {entity.stored_as: id_ for entity, id_ in type_ids(answer).items()}

    def put(self, nodes: Sequence[mlmd.Context]) -> Sequence[int]:
        """Creates contexts, 500 a call, and returns their ids in the same order."""
        return [
            id_ for bulk in _in_bulk(nodes) for id_ in self.call(service.PutContextsRequest(contexts=bulk)).context_ids
        ]

    def link(self, children: Sequence[int], parent: int) -> None:
        """Makes contexts the children of one parent, by their ids."""
        pairs = [{"child_id": child, "parent_id": parent} for child in children]
        for bulk in _in_bulk(pairs):
            self.call(service.PutParentContextsRequest(parent_contexts=bulk))


def new_prefix() -> str:
    """A random prefix for the names of one run, so that runs on one server do not share names."""
    return f"b{uuid.uuid4().hex[:6]}"


def model_name(prefix: str, number: int) -> str:
    """The name of a seeded model. The benchmark's filter contains it without its last digit, so ten models match."""
    return f"{prefix}-model-{number:06}"


def seed_mlmd(address: str, models: int = MODELS, versions: int = VERSIONS) -> Seeds:
    """Seeds a store through MLMD at host:port. The store may be empty: types are created."""
    prefix = new_prefix()
    names = [model_name(prefix, number) for number in range(models)]
    with Mlmd(address) as store:
        types = store.type_ids()
        ids = store.put([naive.model_node(types, name) for name in names])
        owner, owner_name = ids[-1], names[-1]
        own_names = [f"v{number}" for number in range(versions)]
        below = store.put([naive.version_node(types, f"{owner}:{own}", own, owner_name) for own in own_names])
        store.link(below, owner)
        experiments = [f"{prefix}-experiment-{number}" for number in range(PARENTS)]
        experiment_ids = store.put([naive.experiment_node(types, name) for name in experiments])
    return Seeds(
        prefix, _pools(_records(ids, names), _records(below, own_names), _records(experiment_ids, experiments)), types
    )


def seed_rest(base: str, headers: Mapping[str, str], mlmd_address: str = "") -> Seeds:
    """Seeds any server of this API through REST.

    `base` is the URL before `/api`, `mlmd_address` the host:port of its MLMD if known. Raises `httpx.HTTPError`.
    """
    prefix = new_prefix()
    models = [operations.model_body(model_name(prefix, number)) for number in range(MODELS)]
    experiments = [operations.experiment_body(f"{prefix}-experiment-{number}") for number in range(PARENTS)]
    with httpx.Client(base_url=base + operations.API, headers=headers, timeout=60) as client:
        made = create(client, "/registered_models", models)
        versions = [operations.version_body(f"v{number}", made[-1]["id"]) for number in range(VERSIONS)]
        pools = _pools(made, create(client, "/model_versions", versions), create(client, "/experiments", experiments))
    types: naive.TypeIds = {}
    if mlmd_address:
        with Mlmd(mlmd_address) as store:
            types = store.type_ids()
    return Seeds(prefix, pools, types)


def create(client: httpx.Client, path: str, bodies: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Creates an entity from each body by POST, several at a time; returns their ids with the names of the bodies, in order.

    Raises `httpx.HTTPError`.
    """

    def one(body: Mapping[str, Any]) -> Record:
        answer = client.post(path, json=body).raise_for_status().json()
        return {"id": answer["id"], "name": body["name"]}

    with ThreadPoolExecutor(_REST_CONNECTIONS) as threads:
        return list(threads.map(one, bodies))


def _pools(
    models: Sequence[Record], versions: Sequence[Record], experiments: Sequence[Record]
) -> dict[str, Sequence[Record]]:
    digits = {f"{number:06}"[:-1] for number in range(len(models) // _A_GROUP * _A_GROUP)}
    return {
        "model": models,
        "group": [{"digits": text} for text in sorted(digits)],
        "parent": models[:PARENTS],
        "versioned": models[-1:],
        "version": versions,
        "experiment": experiments,
    }


def _records(ids: Sequence[int], names: Sequence[str]) -> list[Record]:
    return [{"id": str(id_), "name": name} for id_, name in zip(ids, names, strict=True)]


def _in_bulk(items: Sequence[_Node]) -> list[Sequence[_Node]]:
    return [items[start : start + _BULK] for start in range(0, len(items), _BULK)]
