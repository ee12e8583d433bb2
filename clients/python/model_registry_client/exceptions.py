"""The errors of `ModelRegistryClient`, under the names of `model_registry.exceptions` and of the generated client below it."""

from model_registry_client.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RegistryError,
    ServerError,
    Unauthorized,
)


class StoreError(RegistryError):
    """What was asked for does not fit what is there: a version that exists, a model that does not."""


ApiException = ApiError
BadRequestException = Invalid
ConflictException = Conflict
ForbiddenException = Forbidden
NotFoundException = NotFound
ServiceException = ServerError
UnauthorizedException = Unauthorized
UnprocessableEntityException = Invalid

__all__ = [
    "ApiException",
    "BadRequestException",
    "ConflictException",
    "ForbiddenException",
    "NotFoundException",
    "ServiceException",
    "StoreError",
    "UnauthorizedException",
    "UnprocessableEntityException",
]
