"""One sync of a source of type `hf`: the names of its models, then each of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx

from model_catalog.entries import Content, Entry, SourceError
from model_catalog.reading.performance import Performance
from model_catalog.reading.report import Report
from model_catalog.reading.settings import SourceSettings
from model_catalog.reading.wording import quoted

from .hub import NAME, Access, Hub, HubError
from .mapping import RecordError, readme_of, to_entry
from .properties import HubSource, hub_source

_WHILE_A_CALLER_WAITS = 500


async def fetch_source(
    source: SourceSettings,
    access: Access,
    performance: Performance,
    now: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Content:
    """All models of a source.

    Args:
        source: What the sources files say of it.
        access: What it may use.
        performance: Measurements of models.
        now: Milliseconds since 1970, as text: the time of the sync.
        transport: For tests.

    Returns:
        The models, in the order of the patterns; a model that cannot be read is a failure. `unreachable` has those that exist
        as far as we know: the caller may go on with what it has of them.

    Raises:
        SourceError: The source is wrong, the key is not accepted, or no model can be read. The caller goes on with what it has.
    """
    async with _opened(source, access, transport) as sync:
        names = [name async for name in sync.names()]
        if not names:
            failed = f" These lists failed: {'; '.join(sync.failed_lists)}." if sync.failed_lists else ""
            raise SourceError(f"no models were found for {', '.join(sync.hub_source.included)}.{failed}")
        entries = await sync.entries([name for name in names if sync.hub_source.patterns.allow(name)], now)
    report = sync.report
    if report.failed and not entries:
        raise SourceError(f"none of the {report.failed} models can be read: {report.summary()}")
    entries = [performance.enriched(entry, now, report) for entry in entries]
    return Content(entries, report.failures, report.warnings, sync.unreachable)


async def listed_names(
    source: SourceSettings, access: Access, transport: httpx.AsyncBaseTransport | None = None
) -> list[str]:
    """The names of the models of a source, those that it excludes too; the models themselves are not read. Raises SourceError.

    Without `maxModels` each pattern gives at most 500, since a caller waits for them.
    """
    waited_for = replace(source, properties={"maxModels": _WHILE_A_CALLER_WAITS, **source.properties})
    async with _opened(waited_for, access, transport) as sync:
        return [name async for name in sync.names()]


@asynccontextmanager
async def _opened(
    source: SourceSettings, access: Access, transport: httpx.AsyncBaseTransport | None
) -> AsyncIterator["_Sync"]:
    settings = hub_source(source)
    async with Hub(settings, access, transport) as hub:
        await hub.check_key()
        report = Report()
        if hub.key is None and access.environment.get(settings.key_variable):
            report.warn(f"the key in {settings.key_variable} does not begin with hf_, so it is not used")
        elif hub.key is None and "apiKeyEnvVar" in source.properties:
            report.warn(f"{settings.key_variable} is not set, so no key is used")
        yield _Sync(source.id, settings, hub, asyncio.Semaphore(access.parallel), report)


@dataclass(slots=True)
class _Sync:
    source_id: str
    hub_source: HubSource
    hub: Hub
    turns: asyncio.Semaphore
    report: Report
    failed_lists: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)

    async def names(self) -> AsyncIterator[str]:
        """The names that the patterns find, each once. A list that fails is passed over."""
        seen = set()
        for pattern in self.hub_source.included:
            try:
                async for name in self._found(pattern):
                    if name not in seen:
                        seen.add(name)
                        yield name
            except HubError as error:
                self.failed_lists.append(f"{pattern}: {error}")
                self.report.warn(f"the models of {pattern} cannot be listed: {error}")

    async def _found(self, pattern: str) -> AsyncIterator[str]:
        organisation, _, name = pattern.partition("/")
        if not name.endswith("*") or "*" in name[:-1]:
            yield pattern
            return
        taken, most = 0, self.hub_source.max_models
        async for found in self.hub.names(organisation, name[:-1]):
            if most and taken >= most:
                self.report.warn(f"{pattern} has more than {most} models; maxModels leaves the others out")
                return
            taken += self.hub_source.patterns.allow(found)
            yield found

    async def entries(self, names: list[str], now: str) -> list[Entry]:
        """The models of these names, without those that fail or that patterns leave out by their answered names."""
        outcomes = await asyncio.gather(*(self._outcome(name, now) for name in names))
        entries: dict[str, Entry] = {}
        for name, outcome in zip(names, outcomes, strict=True):
            if isinstance(outcome, Entry):
                entries.setdefault(outcome.item["name"], outcome)
            elif outcome is not None:
                self.report.fail(f"model {quoted(name)}: {outcome}")
                if outcome.exists:
                    self.unreachable.append(name)
        return [*entries.values()]

    async def _outcome(self, name: str, now: str) -> Entry | HubError | None:
        if not NAME.fullmatch(name):
            return HubError("this is no name of a model; * may stand at the end only", exists=False)
        async with self.turns:
            try:
                return await self._entry(name, now)
            except HubError as error:
                return error
            except RecordError as error:
                return HubError(str(error))

    async def _entry(self, name: str, now: str) -> Entry | None:
        record = await self.hub.record(name)
        answered = record.get("id")
        if isinstance(answered, str) and answered:
            if not NAME.fullmatch(answered):
                raise RecordError("the server answered an id that is no name")
            name = answered
        if not self.hub_source.patterns.allow(name):
            return None
        return to_entry(record, name, self.source_id, await self._readme(record, name), now)

    async def _readme(self, record: dict[str, object], name: str) -> str | None:
        file = readme_of(record)
        if file is None:
            return None
        try:
            return await self.hub.text(name, file)
        except HubError as error:
            self.report.warn(f"model {name!r}: {file} cannot be read: {error}")
            return None
