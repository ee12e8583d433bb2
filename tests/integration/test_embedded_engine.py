"""The embedded engine as real processes: its data, its crashes, its refusals in one line."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import pytest
from google.protobuf.message import Message

from converters._generated import metadata_store_pb2 as pb
from converters._generated import metadata_store_service_pb2 as service
from model_registry_proxy.engine import supervisor, wheels
from model_registry_proxy.engine.frames import FrameChannel
from model_registry_proxy.engine.supervisor import EmbeddedMlmd, EngineError
from model_registry_proxy.serving.channels import channel_to
from tests.support.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
Answer = TypeVar("Answer", bound=Message)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ml_metadata") is None, reason="the ml-metadata wheel is not installed"
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedMlmd]:
    with EmbeddedMlmd(str(tmp_path / "registry.db"), port=0) as started:
        yield started


def rpc(channel: Any, name: str, answer: type[Answer]) -> Any:
    return channel.unary_unary(
        f"/ml_metadata.MetadataStoreService/{name}",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=answer.FromString,
    )


def call(target: str, name: str, request: Message, answer: type[Answer]) -> Answer:
    with grpc.insecure_channel(target) as channel:
        return rpc(channel, name, answer)(request, timeout=PATIENCE_SECONDS, wait_for_ready=True)


def put_type(target: str, name: str = "kf.Thing") -> int:
    request = service.PutContextTypeRequest(context_type=pb.ContextType(name=name))
    return call(target, "PutContextType", request, service.PutContextTypeResponse).type_id


def put_context(target: str, type_id: int, context: pb.Context) -> int:
    context.type_id = type_id
    answer = call(target, "PutContexts", service.PutContextsRequest(contexts=[context]), service.PutContextsResponse)
    return answer.context_ids[0]


def names(target: str) -> list[str]:
    answer = call(target, "GetContexts", service.GetContextsRequest(), service.GetContextsResponse)
    return [context.name for context in answer.contexts]


def await_true(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def kill_engine(engine: EmbeddedMlmd) -> None:
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await_true(lambda: engine.pid not in (pid, None))


def test_googles_client_reads_and_writes_through_the_tcp_port(engine: EmbeddedMlmd) -> None:
    from ml_metadata import MetadataStore  # noqa: PLC0415 - the wheel may be missing

    store = MetadataStore(pb.MetadataStoreClientConfig(host="localhost", port=engine.port))
    type_id = store.put_artifact_type(pb.ArtifactType(name="Model", properties={"size": pb.INT}))
    artifact = pb.Artifact(type_id=type_id, name="bert", properties={"size": pb.Value(int_value=2**40)})
    (artifact_id,) = store.put_artifacts([artifact])
    (read,) = store.get_artifacts_by_id([artifact_id])
    assert (read.name, read.properties["size"].int_value) == ("bert", 2**40)


async def test_port_and_socket_serve_the_same_data(engine: EmbeddedMlmd) -> None:
    type_id = await asyncio.to_thread(put_type, engine.address)
    async with channel_to(engine.target, 2**26) as channel:
        assert isinstance(channel, FrameChannel)
        put = rpc(channel, "PutContexts", service.PutContextsResponse)
        await put(service.PutContextsRequest(contexts=[pb.Context(type_id=type_id, name="a")]))
    assert await asyncio.to_thread(names, engine.address) == ["a"]


@pytest.mark.slow
async def test_frames_report_failures_and_outlast_an_engine(engine: EmbeddedMlmd) -> None:
    async with channel_to(engine.target, 2**26) as channel:
        get = rpc(channel, "GetContextType", service.GetContextTypeResponse)
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await get(service.GetContextTypeRequest(type_name="none"))
            assert caught.value.code() == grpc.StatusCode.NOT_FOUND
            assert "none" in (caught.value.details() or "")
            await asyncio.to_thread(kill_engine, engine)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await get(service.GetContextTypeRequest(type_name="none"))
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
            await asyncio.to_thread(names, engine.address)  # waits for the next engine


async def test_a_call_that_aborts_the_store_is_an_outage_over_frames_too(engine: EmbeddedMlmd) -> None:
    type_id = await asyncio.to_thread(put_type, engine.address)
    deadly = pb.Context(type_id=type_id, name="deadly", custom_properties={"no kind": pb.Value()})
    async with channel_to(engine.target, 2**26) as channel:
        put = rpc(channel, "PutContexts", service.PutContextsResponse)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await put(service.PutContextsRequest(contexts=[deadly]))
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_data_survives_a_stop_and_a_start(tmp_path: Path) -> None:
    with EmbeddedMlmd(str(tmp_path / "registry.db"), port=0) as first:
        put_context(first.address, put_type(first.address), pb.Context(name="kept"))
    with EmbeddedMlmd(str(tmp_path / "registry.db"), port=0) as second:
        assert names(second.address) == ["kept"]


def test_one_supervisor_can_start_again_after_a_stop(tmp_path: Path) -> None:
    engine = EmbeddedMlmd(str(tmp_path / "registry.db"), port=0)
    for _ in range(2):
        engine.start()
        assert put_type(engine.address) > 0
        engine.stop()


def test_killed_engine_comes_back_at_its_addresses_with_its_data(
    engine: EmbeddedMlmd, caplog: pytest.LogCaptureFixture
) -> None:
    put_context(engine.address, put_type(engine.address), pb.Context(name="kept"))
    port, target = engine.port, engine.target
    with caplog.at_level(logging.WARNING, "model_registry_proxy.engine"):
        kill_engine(engine)
        assert names(f"localhost:{port}") == ["kept"]
    assert (engine.port, engine.target) == (port, target)
    (record,) = caplog.records
    assert "SIGKILL" in record.getMessage()


def test_request_that_aborts_the_store_brings_the_engine_back(engine: EmbeddedMlmd) -> None:
    type_id, pid = put_type(engine.address), engine.pid
    deadly = pb.Context(name="deadly", custom_properties={"no kind": pb.Value()})
    with pytest.raises(grpc.RpcError) as caught:
        put_context(engine.address, type_id, deadly)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    await_true(lambda: engine.pid not in (pid, None))
    put_context(engine.address, type_id, pb.Context(name="next"))
    assert names(engine.address) == ["next"]


def test_unknown_type_is_not_found(engine: EmbeddedMlmd) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(
            engine.address,
            "GetContextType",
            service.GetContextTypeRequest(type_name="x"),
            service.GetContextTypeResponse,
        )
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert "x" in str(caught.value.details())


@pytest.mark.parametrize("name", ["GetParentContextsByContexts", "GetChildrenContextsByContexts", "GetLineageGraph"])
def test_call_that_the_wheel_lacks_is_unimplemented(engine: EmbeddedMlmd, name: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(engine.address, name, service.GetContextsRequest(), service.GetContextsResponse)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert name in str(caught.value.details())


def test_bytes_that_are_no_message_are_invalid(engine: EmbeddedMlmd) -> None:
    with grpc.insecure_channel(engine.address) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(
            "/ml_metadata.MetadataStoreService/GetContextsByID", request_serializer=bytes, response_deserializer=bytes
        )(b"\xff\xff", timeout=PATIENCE_SECONDS)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_error_with_a_long_text_keeps_its_status(engine: EmbeddedMlmd) -> None:
    long = pb.Context(name="é" * 30_000)
    type_id = put_type(engine.address)
    put_context(engine.address, type_id, long)
    with pytest.raises(grpc.RpcError) as caught:
        put_context(engine.address, type_id, long)
    assert caught.value.code() == grpc.StatusCode.ALREADY_EXISTS


def test_message_of_many_megabytes_passes(engine: EmbeddedMlmd) -> None:
    text = "x" * (20 * 1024 * 1024)
    context_id = put_context(
        engine.address,
        put_type(engine.address),
        pb.Context(name="a", custom_properties={"k": pb.Value(string_value=text)}),
    )
    options = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]
    with grpc.insecure_channel(engine.address, options=options) as channel:
        get = rpc(channel, "GetContextsByID", service.GetContextsByIDResponse)
        read = get(service.GetContextsByIDRequest(context_ids=[context_id]), timeout=PATIENCE_SECONDS)
    assert read.contexts[0].custom_properties["k"].string_value == text


async def test_many_calls_at_once_all_get_their_own_answer(engine: EmbeddedMlmd) -> None:
    type_id = await asyncio.to_thread(put_type, engine.address)
    async with grpc.aio.insecure_channel(engine.address) as channel:
        put = channel.unary_unary(
            "/ml_metadata.MetadataStoreService/PutContexts",
            request_serializer=service.PutContextsRequest.SerializeToString,
            response_deserializer=service.PutContextsResponse.FromString,
        )
        get = channel.unary_unary(
            "/ml_metadata.MetadataStoreService/GetContextsByID",
            request_serializer=service.GetContextsByIDRequest.SerializeToString,
            response_deserializer=service.GetContextsByIDResponse.FromString,
        )

        async def put_and_get(name: str) -> str:
            made = await put(service.PutContextsRequest(contexts=[pb.Context(type_id=type_id, name=name)]))
            read = await get(service.GetContextsByIDRequest(context_ids=made.context_ids))
            return str(read.contexts[0].name)

        asked = [f"context {n}" for n in range(100)]
        assert await asyncio.gather(*map(put_and_get, asked)) == asked


PARENT = """
import sys, time
from model_registry_proxy.engine.supervisor import EmbeddedMlmd
engine = EmbeddedMlmd(sys.argv[1], port=0)
engine.start()
print(engine.pid, engine.target.removeprefix("frames:"), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_engine_outlives_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "registry.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        assert parent.stdout is not None
        pid, path = parent.stdout.readline().split()
        assert is_running(int(pid))
        parent.send_signal(number)
        parent.wait()
    await_true(lambda: not is_running(int(pid)))
    await_true(lambda: not Path(path).parent.exists())


def test_engine_survives_the_thread_that_started_it(tmp_path: Path) -> None:
    engine = EmbeddedMlmd(str(tmp_path / "registry.db"), port=0)
    starter = threading.Thread(target=engine.start)
    starter.start()
    starter.join()
    try:
        pid = engine.pid
        time.sleep(0.3)
        assert put_type(engine.address) > 0
        assert engine.pid == pid
    finally:
        engine.stop()


def test_ctrl_c_does_not_reach_the_engine(engine: EmbeddedMlmd) -> None:
    pid = engine.pid
    assert pid is not None
    assert os.getpgid(pid) != os.getpgid(0)
    os.kill(pid, signal.SIGINT)
    assert put_type(engine.address) > 0
    assert engine.pid == pid


def test_stop_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    engine = EmbeddedMlmd(str(tmp_path / "registry.db"), port=0)
    engine.start()
    pid, folder = engine.pid, Path(engine.target.removeprefix("frames:")).parent
    assert pid is not None
    engine.stop()
    engine.stop()
    assert engine.pid is None
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):  # a zombie would still take a signal
        os.kill(pid, 0)


def test_stop_between_two_engines_does_not_wait_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_DELAY_SECONDS", 1e6)
    engine = EmbeddedMlmd(str(tmp_path / "registry.db"), port=0)
    engine.start()
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await_true(lambda: engine.pid is None)
    engine.stop()
    assert engine.pid is None


class Halting(EmbeddedMlmd):
    """Once it is armed, an engine that is launched is held at a point until `stop` has been called."""

    point = ""
    arrived: threading.Event

    def _halt(self, point: str) -> None:
        if self.point == point:
            self.arrived.set()
            assert self._stopping.wait(PATIENCE_SECONDS)

    def _launch(self) -> None:
        self._halt("before it is made")
        super()._launch()
        self._halt("after it has answered")


@pytest.mark.parametrize("point", ["before it is made", "as soon as it is there", "after it has answered"])
def test_stop_while_an_engine_starts_leaves_none(tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_DELAY_SECONDS", 0.0)
    engine = Halting(str(tmp_path / "registry.db"), port=0)
    engine.start()
    pid = engine.pid
    assert pid is not None
    engine.arrived, engine.point = threading.Event(), point
    os.kill(pid, signal.SIGKILL)
    if point == "as soon as it is there":
        await_true(lambda: engine.pid not in (pid, None))
    else:
        assert engine.arrived.wait(PATIENCE_SECONDS)
    engine.stop()
    assert engine.pid is None
    with EmbeddedMlmd(str(tmp_path / "registry.db"), port=0) as again:  # the lock is free: no engine is left
        assert names(again.address) == []


@pytest.mark.slow
def test_an_engine_that_cannot_come_back_is_tried_again_until_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "registry.db"
    with EmbeddedMlmd(str(file), port=0) as engine:
        pid = engine.pid
        assert pid is not None
        file.rename(tmp_path / "away.db")
        file.mkdir()
        os.kill(pid, signal.SIGKILL)
        await_true(lambda: "does not start" in caplog.text)
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        assert names(engine.address) == []


def assert_refused(database: str, *words: str, port: int | None = 0) -> None:
    with pytest.raises(EngineError) as caught, EmbeddedMlmd(database, port=port):
        pass
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_second_engine_on_a_file_is_refused(engine: EmbeddedMlmd) -> None:
    assert_refused(engine.database, engine.database, f"process {engine.pid}", "--database", "MR_DATABASE")


def test_second_engine_through_a_link_is_refused(engine: EmbeddedMlmd, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(engine.database)
    assert_refused(str(tmp_path / "link.db"), "in use by another engine")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_taken_port_is_refused_though_the_other_address_is_free(tmp_path: Path, family: socket.AddressFamily) -> None:
    with socket.socket(family) as taken:
        try:
            taken.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        except OSError:
            pytest.skip("this machine has no such address")
        addresses = {found[4] for found in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)}
        if taken.getsockname()[0] not in {address[0] for address in addresses}:
            pytest.skip("localhost has no such address here")
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(str(tmp_path / "registry.db"), f"Port {port}", "--mlmd-port", "MR_MLMD_PORT", port=port)


def test_without_a_port_two_engines_find_two(tmp_path: Path) -> None:
    with EmbeddedMlmd(str(tmp_path / "a.db")) as first, EmbeddedMlmd(str(tmp_path / "b.db")) as second:
        assert first.port != second.port
        assert names(f"localhost:{first.port}") == names(f"localhost:{second.port}") == []


def test_missing_wheel_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ml_metadata.py").write_text("raise ModuleNotFoundError('No module named ml_metadata')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_refused(str(tmp_path / "registry.db"), "not installed", str(wheels.here()), wheels.way_out(wheels.here()))


def test_wheel_that_does_not_load_is_one_line_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ml_metadata.py").write_text("raise ImportError('version `GLIBC_2.39` not found')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_refused(str(tmp_path / "registry.db"), "cannot be loaded", "GLIBC_2.39", "--mlmd-hostname")


def test_engine_that_dies_before_it_is_ready_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ml_metadata.py").write_text("import os; os.abort()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_refused(str(tmp_path / "registry.db"), "SIGABRT", "before it was ready")


@pytest.mark.parametrize(
    ("version", "words"), [(9, ["older", "init --upgrade-schema"]), (11, ["greater", "--mlmd-hostname"])]
)
def test_schema_of_another_version_is_one_line(tmp_path: Path, version: int, words: list[str]) -> None:
    file = tmp_path / "registry.db"
    with EmbeddedMlmd(str(file), port=0):
        pass
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE MLMDEnv SET schema_version = ?", (version,))
        database.commit()
    assert_refused(str(file), str(file), *words)


def test_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, though long enough to be looked at" * 20)
    assert_refused(str(tmp_path / "notes.txt"), "notes.txt is not an SQLite database", "--database")


def test_unreachable_mysql_is_one_line_without_the_password() -> None:
    with socket.socket() as bound:  # bound and not listening: refuses every connection
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(EngineError) as caught, EmbeddedMlmd(f"mysql://u:SECRET@localhost:{port}/reg", port=0):
            pass
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)


@contextlib.contextmanager
def child(options: dict[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "model_registry_proxy.engine.process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin is not None
        process.stdin.write(
            json.dumps(
                {"hostname": "localhost", "port": 0, "socket": None, "max_message_bytes": 2**22, **options}
            ).encode()
            + b"\n"
        )
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("by_signal", [True, False], ids=["sigterm", "end-of-input"])
def test_child_says_one_line_and_ends_cleanly(tmp_path: Path, by_signal: bool) -> None:
    with child({"database": str(tmp_path / "registry.db")}) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        put_context(f"localhost:{port}", put_type(f"localhost:{port}"), pb.Context(name="a"))
        if by_signal:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, output) == (0, b"")


def test_child_that_cannot_serve_says_one_line_and_exits_with_1(tmp_path: Path) -> None:
    with child({"database": str(tmp_path)}) as process:
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert list(json.loads(output)) == ["error"]
    assert output.count(b"\n") == 1
    assert process.returncode == 1


def test_calls_that_wait_when_the_engine_is_stopped_are_finished(tmp_path: Path) -> None:
    with child({"database": str(tmp_path / "registry.db")}) as process:
        assert process.stdout is not None
        target = f"localhost:{json.loads(process.stdout.readline())['port']}"
        type_id = put_type(target)
        with grpc.insecure_channel(target) as channel:
            put = rpc(channel, "PutContexts", service.PutContextsResponse)
            requests = [
                service.PutContextsRequest(contexts=[pb.Context(type_id=type_id, name=f"{n}.{m}") for m in range(200)])
                for n in range(20)
            ]
            answers = [put.future(request, timeout=PATIENCE_SECONDS) for request in requests]
            answers[0].result()
            process.send_signal(signal.SIGTERM)
            assert [len(answer.result().context_ids) for answer in answers] == [200] * 20
        assert process.wait(PATIENCE_SECONDS) == 0


STANDALONE = """
import sys
from model_registry_proxy.engine.process import serve_standalone
serve_standalone(sys.argv[1], "localhost", 0)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_standalone_engine_prints_its_address_and_stops_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", STANDALONE, str(tmp_path / "registry.db")]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    ) as engine:
        assert engine.stdout is not None
        words = engine.stdout.readline().split()
        address = next(word for word in words if word.startswith("localhost:"))
        assert put_type(address) > 0
        engine.send_signal(number)
        output, errors = engine.communicate(timeout=PATIENCE_SECONDS)
    assert (engine.returncode, output, errors) == (0, "", "")
