"""The model of an inference service, and its version: the one that it names, or else the newest one of the model."""

from converters.entities import InferenceService, ModelVersion, RegisteredModel
from converters.kinds import JsonObject
from model_registry_proxy.errors import NotFound
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.list import list_


async def model(request: Request, id_: int) -> JsonObject:
    """Returns the registered model of an inference service; raises `NotFound`."""
    return await get(request, RegisteredModel, _model_of(await get(request, InferenceService, id_)))


async def version(request: Request, id_: int) -> JsonObject:
    """Returns the version that an inference service names, or else the newest of its model; raises `NotFound`."""
    service = await get(request, InferenceService, id_)
    if named := service.get("modelVersionId"):
        return await get(request, ModelVersion, int(named))
    model_id = _model_of(service)
    newest = {"pageSize": 1, "orderBy": "CREATE_TIME", "sortOrder": "DESC"}
    page = await list_(request, ModelVersion, newest, (RegisteredModel, model_id))
    if not page["items"]:
        raise NotFound(f"The registered model {model_id} of inference service {id_} has no version yet.")
    return page["items"][0]  # type: ignore[no-any-return]


def _model_of(service: JsonObject) -> int:
    """Returns the id of the registered model that a service names. A service that was written over gRPC may name none."""
    if named := service.get("registeredModelId"):
        return int(named)
    raise NotFound(f"The inference service {service['id']} names no registered model.")
