"""The operations on models and their artifacts."""

from http import HTTPStatus

from model_catalog.entries import AssetType
from model_catalog.index.catalog import Catalog
from model_catalog.index.queries import Query
from model_catalog.index.recommendations import parameters_from, performance_page, recommended_page
from model_catalog.index.row import Row
from model_catalog.operations import pages
from model_catalog.operations.lists import RECOMMENDED, entry_query, list_query, order_of, refusals
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.http.api import Answer

_KINDS = ("int_value", "double_value", "string_value")
_PROPERTIES = ("latencyProperty", "rpsProperty", "hardwareCountProperty", "hardwareTypeProperty")


def find_models(catalog: Catalog, call: Call) -> Answer:
    """GET /models. A search looks into readmes too."""
    query = entry_query(catalog, AssetType.MODELS, call.query, order_by=order_of(call.query), q_in_readme=True)
    return models_page(catalog, call, query)


def models_page(catalog: Catalog, call: Call, query: Query) -> Answer:
    """The answer to GET /models for a query; raises `BadRequest`."""
    asked = call.query
    with refusals(query, "error listing catalog models"):
        if asked.get("recommendations") or query.order_by == RECOMMENDED:
            page = recommended_page(catalog.models, query, parameters_from(asked, asked.get("targetRPS", 0)))
        else:
            page = catalog.models.page(query)
    return HTTPStatus.OK, pages.of_index(page, asked)


def find_model_options(catalog: Catalog, _: Call) -> Answer:
    """GET /models/filter_options."""
    return HTTPStatus.OK, catalog.models.filter_options


def get_model(catalog: Catalog, call: Call) -> Answer:
    """GET /sources/{source_id}/models/{model_name}."""
    return HTTPStatus.OK, _model(catalog, call).json


def get_artifacts(catalog: Catalog, call: Call) -> Answer:
    """GET /sources/{source_id}/models/{model_name}/artifacts."""
    asked = call.query
    model = _model(catalog, call)
    _check_order(asked.get("orderBy", ""))
    kinds = asked.get("artifactType", []) + asked.get("artifact_type", [])
    query = list_query(asked, part_types=frozenset(kinds) if kinds else None)
    with refusals(query, "error listing catalog artifacts"):
        page = catalog.models.parts(model.number, query)
    return HTTPStatus.OK, pages.of_index(page, asked)


def get_performance_artifacts(catalog: Catalog, call: Call) -> Answer:
    """GET /sources/{source_id}/models/{model_name}/artifacts/performance."""
    asked = call.query
    model = _model(catalog, call)
    _check_order(asked.get("orderBy", ""))
    query = list_query(asked)
    with refusals(query, "failed to get performance artifacts: error listing catalog artifacts"):
        page = performance_page(
            catalog.models,
            model.number,
            query,
            parameters_from(asked, asked.get("targetRPS", 0)),
            only_recommended=asked.get("recommendations", False),
            asked=[asked[name] for name in _PROPERTIES if asked.get(name)],
        )
    return HTTPStatus.OK, pages.of_index(page, asked)


def _model(catalog: Catalog, call: Call) -> Row:
    source, name = call.texts
    if found := catalog.models.find(source, name):
        return found
    raise NotFound(f"No model found '{name}' in source '{source}'")


def _check_order(order: str) -> None:
    """Raises `BadRequest` for an order by a custom property of a kind that has no order."""
    _, point, kind = order.rpartition(".")
    if point and kind not in _KINDS:
        raise BadRequest(
            f"invalid custom property value type '{kind}': must be one of 'int_value', 'double_value', or 'string_value': "
            "bad request"
        )
