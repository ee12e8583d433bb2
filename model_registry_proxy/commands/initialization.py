"""`model-registry init`: prepares a store before the first proxy starts, as a job of a deployment.

MLMD creates its tables when it starts on an empty database, and several servers that do so at the same time disturb each other.
So a deployment first starts one server with this command. After that, any number of servers may open the store at the same time.
"""

import logging

from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.configuration.tls import mlmd_tls
from model_registry_proxy.engine import mysql_database
from model_registry_proxy.engine.database import open_store
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.errors import StoreUnavailable
from model_registry_proxy.mlmd.port import AlreadyExists
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.serving.channels import channel_to, mlmd_target
from model_registry_proxy.serving.mlmd_servers import targets

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 300


def prepare(settings: Settings, *, create_database: bool, upgrade_schema: bool) -> None:
    """Creates a missing MySQL database, and upgrades the schema of the embedded engine's database, if the flags say so.

    Raises `SettingsError` where the settings name no such database, and `EngineError`.
    """
    if not create_database and not upgrade_schema:
        return
    if targets(settings):
        raise SettingsError("--create-database and --upgrade-schema need --database, and no --mlmd-hostname.")
    if create_database:
        config = connection_config(settings.database)
        if not config.HasField("mysql"):
            raise SettingsError(
                "--create-database is for --database mysql://...; a SQLite file is created when needed."
            )
        mysql_database.create(config.mysql)
    if upgrade_schema:
        with open_store(settings.database, _log.warning, is_upgrade=True):
            _log.info("The schema of the database is up to date.")


async def run(settings: Settings, patience: float = _WAIT_SECONDS) -> None:
    """Opens the store that `settings` name, waiting up to `patience` seconds for it.

    Raises `SettingsError` where the store does not answer in time, or has types other than ours.
    """
    with mlmd_target(settings) as target:
        async with channel_to(target, settings.max_message_bytes, mlmd_tls(settings)) as channel:
            registry = Registry(MetadataStore(channel, timeout=settings.request_timeout))
            retrying = AsyncRetrying(
                retry=retry_if_exception_type(StoreUnavailable),
                wait=wait_exponential_jitter(multiplier=0.2, max=5),
                stop=stop_after_delay(patience),
            )
            try:
                await retrying(registry.open)
            except RetryError:
                raise SettingsError(f"No MLMD server answered at {target} for {patience:g} seconds.") from None
            except AlreadyExists as error:
                raise SettingsError(
                    f"The store has types of the same names that are not ours: {error.details}"
                ) from None
    _log.info("The store has its tables and types.")
