"""A MySQL database that is missing, incomplete, in use, or has a collation for which different names are equal."""

import signal
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from model_registry_proxy.engine import mysql_database
from model_registry_proxy.engine.database import open_store
from model_registry_proxy.engine.database_address import connection_config
from model_registry_proxy.engine.supervisor import EngineError
from tests.support import processes
from tests.support.processes import Database
from tests.support.tiers import slow
from tests.support.watching import await_true

pytestmark = pytest.mark.store("embedded-mysql")
ROW = "INSERT INTO Event(artifact_id, execution_id, type) VALUES (1, 1, 1)"
PAIRS = [("v1", "V1"), ("\u00e9", "\u0129"), ("\uac00", "\ubc00"), ("\u041a", "\u040a")]


@pytest.fixture
def server(database: Callable[[], Database]) -> Database:
    return database()


def insensitive(server: Database, character_set: str = "utf8mb4") -> str:
    name = f"registry_{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE `{name}` CHARACTER SET {character_set}")
    return name


def command(*arguments: str) -> list[str]:
    return [*processes.COMMAND, *arguments]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments), check=False, capture_output=True, text=True, env=processes.environment(), timeout=90
    )


def opened(url: str) -> list[str]:
    """Messages while a database is opened."""
    said: list[str] = []
    with open_store(url, said.append):
        return said


def tables(server: Database, name: str) -> int:
    return server.run(f"SHOW TABLES FROM {name}").count("\n")


def cut_off(server: Database, kept: int) -> str:
    """A database in which the creation of the schema ended after this number of tables."""
    name = server.create()
    opened(server.url(name))
    server.run(f"TRUNCATE {name}.MLMDEnv; TRUNCATE {name}.Type")
    for table in mysql_database.TABLES[kept:]:
        server.run(f"DROP TABLE {name}.{table}")
    return name


# A database that is missing


@pytest.mark.parametrize("which", [["proxy", "-p", "0", "--metrics-port", "0"], ["mlmd-server"], ["init"], ["repair"]])
def test_a_misspelt_database_is_refused_in_one_line_and_not_created(server: Database, which: list[str]) -> None:
    name = f"typo_{uuid.uuid4().hex}"
    done = run(*which, "--mlmd-port", "0", "--database", server.url(name))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    for words in (name, "init --create-database", "COLLATE utf8mb4_bin"):
        assert words in done.stderr
    assert "secret" not in done.stderr
    assert server.run(f"SHOW DATABASES LIKE '{name}'") == ""


def test_init_creates_a_database_in_which_different_names_differ_and_keeps_an_existing_one(server: Database) -> None:
    url = server.url(f"made_{uuid.uuid4().hex}")
    for _ in range(2):
        done = run("init", "--create-database", "--database", url)
        assert done.returncode == 0, done.stderr
        assert "collation" not in done.stderr
        assert "has its tables and types" in done.stderr
    assert opened(url) == []


@pytest.mark.parametrize("where", [["--database", "registry.db"], ["--mlmd-hostname", "localhost:9090"]])
def test_init_creates_no_database_for_other_kinds_of_store(where: list[str]) -> None:
    done = run("init", "--create-database", *where)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "--create-database" in done.stderr


def test_a_name_that_mlmd_cannot_say_is_refused(server: Database) -> None:
    done = run("init", "--create-database", "--database", server.url("my-registry"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "letters, digits" in done.stderr
    assert server.run("SHOW DATABASES LIKE 'my-registry'") == ""


@pytest.mark.parametrize("right", ["", "SELECT"])
def test_the_error_for_a_user_without_rights_has_the_statement_that_gives_them(server: Database, right: str) -> None:
    name, user = server.create(), f"weak_{uuid.uuid4().hex[:8]}"
    server.run(f"CREATE USER {user}@'%' IDENTIFIED BY 'x'")
    if right:
        server.run(f"GRANT {right} ON {name}.* TO {user}@'%'")
    with pytest.raises(EngineError, match=r"Let an administrator run: CREATE DATABASE .* GRANT ALL") as caught:
        opened(f"mysql://{user}:x@127.0.0.1:{server.port}/{name}")
    assert "\n" not in str(caught.value)
    server.run(f"GRANT ALL ON `{name}`.* TO '{user}'@'%'")
    assert opened(f"mysql://{user}:x@127.0.0.1:{server.port}/{name}") == []


# A schema that is not whole


@pytest.mark.parametrize("kept", [1, 9, *slow(4, 10, 14, 15)])
def test_a_first_start_that_was_cut_off_is_repeated(server: Database, kept: int) -> None:
    name = cut_off(server, kept)
    said = opened(server.url(name))
    assert "incomplete and empty" in said[-1]
    assert opened(server.url(name)) == []
    assert tables(server, name) == len(mysql_database.TABLES)


@pytest.mark.parametrize("wanted", [5, *slow(1, 12)])
def test_an_engine_that_is_killed_while_it_creates_the_schema_starts_the_next_time(
    server: Database, tmp_path: Path, wanted: int
) -> None:
    name = server.create()
    arguments = command("mlmd-server", "--mlmd-port", "0", "--database", server.url(name))
    with processes.running(arguments, tmp_path / "log", processes.environment()) as engine:
        await_true(lambda: tables(server, name) >= wanted, "tables")
        engine.kill()
    opened(server.url(name))
    assert opened(server.url(name)) == []


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_proxy_and_init_repeat_a_first_start_that_was_cut_off(server: Database, tmp_path: Path, workers: str) -> None:
    with processes.proxy(tmp_path, "--workers", workers, database=server.url(cut_off(server, 7))) as proxy:
        assert httpx.post(proxy.api + "/registered_models", json={"name": "m"}).status_code == 201
    done = run("init", "--database", server.url(cut_off(server, 7)))
    assert done.returncode == 0, done.stderr
    assert "incomplete and empty" in done.stderr


@pytest.mark.parametrize(("kept", "statement"), [(14, "DROP DATABASE"), (15, "INSERT INTO")])
def test_an_incomplete_schema_with_rows_is_not_changed(server: Database, kept: int, statement: str) -> None:
    name = cut_off(server, kept)
    server.run(f"USE {name}; {ROW}")
    with pytest.raises(EngineError, match=rf"Event hold rows, so nothing was changed.* {statement}"):
        opened(server.url(name))
    count = "SELECT COUNT(*) FROM Event"
    assert server.run(f"USE {name}; {count}") == "1\n"
    assert tables(server, name) == kept


def test_a_store_that_lost_only_its_version_opens_after_the_statement_of_the_refusal(server: Database) -> None:
    name = server.create()
    assert run("init", "--database", server.url(name)).returncode == 0
    server.run(f"TRUNCATE {name}.MLMDEnv")
    with pytest.raises(EngineError, match="hold rows") as caught:
        opened(server.url(name))
    said = str(caught.value)
    server.run(said[said.index("INSERT INTO") :])
    assert opened(server.url(name)) == []


@pytest.mark.slow
def test_engines_that_start_together_on_an_incomplete_schema_all_start(server: Database, tmp_path: Path) -> None:
    name = cut_off(server, 6)
    done: list[str] = []

    def start() -> None:
        done.append(run("init", "--database", server.url(name)).stderr)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("has its tables and types" in text for text in done), done


@contextmanager
def in_use(server: Database, name: str) -> Iterator[None]:
    """Another connection, which may be creating the schema."""
    connecting = mysql_database._connection(connection_config(server.url(name)).mysql)
    with connecting as connection:
        connection.select_db(name)
        yield


@pytest.mark.slow
def test_nothing_is_dropped_while_another_connection_uses_the_database(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cut_off(server, 6)
    monkeypatch.setattr(mysql_database, "WAIT_SECONDS", 2.5)
    with in_use(server, name):
        with pytest.raises(EngineError, match=r"still incomplete.*KILL \d+"):
            opened(server.url(name))
        assert tables(server, name) == 6
    opened(server.url(name))


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_proxy_is_alive_and_says_why_while_its_engine_waits_for_the_database(
    server: Database, tmp_path: Path, workers: str
) -> None:
    name, port = cut_off(server, 6), processes.free_port()
    arguments = processes.proxy_command(port, processes.free_port(), server.url(name), "--workers", workers)
    url = f"http://127.0.0.1:{port}"
    with processes.running(arguments, tmp_path / "log", processes.environment()) as process:
        with in_use(server, name):
            await_true(lambda: status(url + "/livez") == 200, "/livez")
            assert status(url + "/readyz/health") == 503
            await_true(lambda: process.log.read_text().count("use it. Waiting.") > 1, "messages about the wait")
        await_true(lambda: status(url + "/readyz/health") == 200, "the proxy to be ready")
        assert process.stop() in (0, -signal.SIGTERM)


def status(url: str) -> int:
    try:
        return httpx.get(url, timeout=30).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_proxy_whose_engine_cannot_start_after_a_wait_ends_with_the_reason(
    server: Database, tmp_path: Path, workers: str
) -> None:
    name, port = cut_off(server, 15), processes.free_port()
    server.run(f"USE {name}; {ROW}")
    arguments = processes.proxy_command(port, processes.free_port(), server.url(name), "--workers", workers)
    with processes.running(arguments, tmp_path / "log", processes.environment()) as process:
        with in_use(server, name):
            await_true(lambda: status(f"http://127.0.0.1:{port}/livez") == 200, "/livez")
        assert process.child.wait(60) == 1
        assert "hold rows" in process.log.read_text().splitlines()[-1]


# Names that are equal for a database


@pytest.mark.parametrize("character_set", ["utf8mb4", *slow("latin1", "utf8mb3")])
def test_the_statements_of_the_warning_end_it_and_keep_what_is_stored(
    server: Database, tmp_path: Path, character_set: str
) -> None:
    name = insensitive(server, character_set)
    texts = [text for text, _ in PAIRS]
    with processes.proxy(tmp_path, database=server.url(name)) as proxy, httpx.Client(base_url=proxy.api) as client:
        before = [client.post("/registered_models", json={"name": text, "description": text}).json() for text in texts]
        warnings = [line for line in proxy.log.read_text().splitlines() if "takes different names for the same" in line]
    assert len(warnings) == 1
    server.run(warnings[0].partition(" run: ")[2])
    assert opened(server.url(name)) == []
    with processes.proxy(tmp_path, database=server.url(name)) as proxy, httpx.Client(base_url=proxy.api) as client:
        assert client.get("/registered_models").json()["items"] == before
        for _, text in PAIRS:
            assert client.post("/registered_models", json={"name": text}).status_code == 201


def test_a_name_that_is_equal_to_another_for_the_database_is_a_conflict_that_names_it(
    server: Database, tmp_path: Path
) -> None:
    with processes.proxy(tmp_path, database=server.url(insensitive(server))) as proxy:
        for text, other in PAIRS:
            bodies = [{"name": text}, {"name": other}]
            first, second = (httpx.post(proxy.api + "/registered_models", json=body) for body in bodies)
            assert (first.status_code, second.status_code) == (201, 409)
            said = second.json()["message"]
            for words in (repr(text), repr(other), "already exists", "COLLATE utf8mb4_bin"):
                assert words in said


def places(client: httpx.Client) -> Iterator[tuple[str, dict[str, object]]]:
    """The path to create an entity, and what its body needs in addition to the name."""

    def new(path: str, **body: object) -> str:
        id_: str = client.post(path, json={"name": "parent", **body}).json()["id"]
        return id_

    model, environment = new("/registered_models"), new("/serving_environments")
    experiment = new("/experiments")
    version = new("/model_versions", registeredModelId=model)
    run_ = new("/experiment_runs", experimentId=experiment)
    service = new("/inference_services", registeredModelId=model, servingEnvironmentId=environment)
    yield "/registered_models", {}
    yield "/serving_environments", {}
    yield "/experiments", {}
    yield "/model_versions", {"registeredModelId": model}
    yield "/experiment_runs", {"experimentId": experiment}
    yield "/inference_services", {"registeredModelId": model, "servingEnvironmentId": environment}
    yield f"/inference_services/{service}/serves", {"modelVersionId": version}
    for kind in ("model-artifact", "doc-artifact", "dataset-artifact"):
        yield f"/model_versions/{version}/artifacts", {"artifactType": kind}
    yield f"/experiment_runs/{run_}/artifacts", {"artifactType": "metric", "value": 1}
    yield f"/experiment_runs/{run_}/artifacts", {"artifactType": "parameter", "value": "1"}


@contextmanager
def proxy_to(url: str, folder: Path, *, filters: bool) -> Iterator[processes.Proxy]:
    """A proxy with its own engine on a database, or with an engine that has no filters."""
    if filters:
        with processes.proxy(folder, database=url) as proxy:
            yield proxy
        return
    with processes.unfiltered_engine(folder, url) as (_, port), processes.proxy(folder, mlmd_port=port) as proxy:
        yield proxy


@pytest.mark.parametrize("filters", [True, *slow(False)], ids=["filters", "no-filters"])
def test_every_clash_is_refused_with_both_texts_and_the_remedy(server: Database, tmp_path: Path, filters: bool) -> None:
    url = server.url(insensitive(server))
    with (
        proxy_to(url, tmp_path, filters=filters) as proxy,
        httpx.Client(base_url=proxy.api, timeout=30) as client,
    ):
        for path, body in places(client):
            for index, (text, other) in enumerate(PAIRS):
                own = {**body, "externalId": f"{path}{body.get('artifactType')}{index}"}
                assert client.post(path, json={**own, "name": text}).is_success
                second = client.post(path, json={**own, "name": other, "externalId": f"{own['externalId']}b"})
                assert (second.status_code, path) == (409, path)
                for words in (repr(text), repr(other), "already exists", "utf8mb4_bin"):
                    assert words in second.json()["message"], path
                third = {**own, "name": "new", "externalId": str(own["externalId"]).upper()}
                if path == "/registered_models":
                    said = client.post(path, json=third).json()["message"]
                    assert "already exists: it is" in said
                    assert repr(own["externalId"]) in said
        text = {"metadataType": "MetadataStringValue", "string_value": "x"}
        refused = client.post("/registered_models", json={"name": "p", "customProperties": {"k": text, "K": text}})
        assert (refused.status_code, "'K' and 'k'" in refused.json()["message"]) == (400, True)


def test_names_that_differ_only_in_spaces_at_the_end_are_a_conflict_that_says_so(
    server: Database, tmp_path: Path
) -> None:
    with processes.proxy(tmp_path, database=server.url(server.create())) as proxy:
        httpx.post(proxy.api + "/registered_models", json={"name": "a"})
        refused = httpx.post(proxy.api + "/registered_models", json={"name": "a "})
    assert refused.status_code == 409
    assert "already exists" in refused.json()["message"]
    assert "MySQL ignores spaces at the end" in refused.json()["message"]


@pytest.mark.slow
def test_a_dry_run_lists_names_that_would_be_equal_on_mysql(server: Database, tmp_path: Path) -> None:
    with processes.proxy(tmp_path, database=server.url(server.create())) as proxy:
        model = httpx.post(proxy.api + "/registered_models", json={"name": "m"}).json()["id"]
        versions = proxy.api + "/model_versions"
        for pair in PAIRS:
            for text in pair:
                body = {"name": text, "registeredModelId": model, "externalId": text}
                made = httpx.post(versions, json=body)
                assert made.status_code == 201, made.text
                artifacts = f"{versions}/{made.json()['id']}/artifacts"
                for name in pair:
                    kept = httpx.post(artifacts, json={"artifactType": "parameter", "name": name, "value": name})
                    assert kept.json()["name"] == name
                query = {"name": text, "parentResourceId": model}
                found = httpx.get(proxy.api + "/model_version", params=query).json()
                assert found["id"] == made.json()["id"]
        assert httpx.get(f"{proxy.api}/registered_models/{model}/versions").json()["size"] == 2 * len(PAIRS)
        asked = ["repair", "--mlmd-hostname", "127.0.0.1", "--mlmd-port", str(proxy.engine_port), "--json"]
        dry, wet = run(*asked, "--dry-run").stdout, run(*asked).stdout
    assert wet == ""
    assert dry.count("its name and") == 5 * len(PAIRS) - 2 * len(PAIRS)
    assert dry.count("its externalId") == len(PAIRS)


# A schema of another version


@pytest.mark.slow
def test_init_upgrades_an_older_schema_as_the_refusal_says(server: Database, tmp_path: Path) -> None:
    metadata_store = pytest.importorskip("ml_metadata.metadata_store.metadata_store")
    mlmd = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")
    for url in (server.url(server.create()), str(tmp_path / "registry.db")):
        assert run("init", "--database", url).returncode == 0
        config = mlmd.ConnectionConfig.FromString(connection_config(url).SerializeToString())
        metadata_store.downgrade_schema(config, 9)
        refused = run("mlmd-server", "--mlmd-port", "0", "--database", url)
        assert refused.returncode == 1
        assert "model-registry init --upgrade-schema" in refused.stderr
        upgraded = run("init", "--upgrade-schema", "--database", url)
        assert upgraded.returncode == 0, upgraded.stderr
        assert run("init", "--database", url).returncode == 0
