"""The errors of `ModelRegistryClient`, with the names of `model_registry.exceptions` and of the generated client that it uses."""

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
    """The call does not fit the stored data: the version exists already, or the model does not exist."""


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
