"""Requests that no client sends: each gets a 4xx in the shape of all failures, and stores nothing.

Sent as bytes, since libraries refuse to send most of them.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import processes
from tests.support.processes import API, Proxy
from tests.support.watching import children_of, cpu_seconds, needs_proc

LIMIT = 64 * 1024
MODELS = f"{API}/registered_models"
OK_BODY = b'{"name": "hostile"}'


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy of these tests only, since they read all that it stores."""
    flags = ("--validate-responses", "--max-body-bytes", str(LIMIT))
    with processes.proxy(tmp_path_factory.mktemp("hostile"), *flags) as running:
        yield running


@dataclass(frozen=True)
class Answer:
    """An answer as raw bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


def sent(proxy: Proxy, request: bytes) -> Answer:
    """The answer to raw bytes: up to its stated length, or until the server closes the connection."""
    address = urlsplit(proxy.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        received = b""
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered and closed the connection already
            connection.sendall(request)
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def message(method: str, target: str, body: bytes | None = None, *headers: bytes) -> bytes:
    """The bytes of a request that asks the server to close the connection afterwards."""
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: localhost", b"Connection: close", *headers]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body or b""])


def kept(proxy: Proxy) -> list[str]:
    """All names in the store."""
    lists = ("registered_models", "artifacts", "experiments", "serving_environments")
    answers = [json.loads(sent(proxy, message("GET", f"{API}/{name}")).body) for name in lists]
    return [item["name"] for answer in answers for item in answer["items"]]


def assert_refused(proxy: Proxy, request: bytes, *statuses: int) -> Answer:
    """Checks that the answer has one of the statuses and the shape of failures, and that nothing was stored or broken."""
    answer = sent(proxy, request)
    assert answer.status in statuses, answer
    if not request.startswith(b"HEAD"):
        assert answer.headers["content-type"].startswith("application/json"), answer
        content = json.loads(answer.body)
        assert set(content) == {"code", "message"}
        assert all(content.values())
        assert "Traceback" not in content["message"]
        assert len(content["message"]) < 500
    assert_unharmed(proxy)
    return answer


def assert_unharmed(proxy: Proxy) -> None:
    assert kept(proxy) == []
    log = proxy.log.read_text()
    assert "Traceback" not in log
    assert " ERROR " not in log


def nested(levels: int, begin: bytes = b'{"a":', end: bytes = b"}") -> bytes:
    """A body of deeply nested containers."""
    return b'{"name": "hostile", "customProperties": ' + begin * levels + b"1" + end * levels + b"}"


def with_property(value: bytes) -> bytes:
    return b'{"name": "hostile", "customProperties": {"p": ' + value + b"}}"


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \r\n\t",
    "an array": b"[]",
    "an array of bodies": b"[" + OK_BODY + b"]",
    "a text": b'"x"',
    "a number": b"7",
    "true": b"true",
    "half of it": OK_BODY[:-3],
    "text behind it": OK_BODY + b" x",
    "another value behind it": OK_BODY + OK_BODY,
    "a NUL behind it": OK_BODY + b"\0",
    "a comment": b'{"name": "hostile" /* really */}',
    "single quotes": b"{'name': 'hostile'}",
    "a comma too many": b'{"name": "hostile",}',
    "a key twice": b'{"name": "x", "name": "hostile"}',
    "a key twice in two spellings": b'{"name": "x", "n\\u0061me": "hostile"}',
    "a key twice inside": with_property(
        b'{"metadataType": "MetadataStringValue", "string_value": "a", "string_value": "b"}'
    ),
    "a key in two cases": b'{"name": "hostile", "NAME": "hostile"}',
    "an unknown key": b'{"name": "hostile", "__proto__": {}}',
    "bytes that are not UTF-8": b'{"name": "hostile \xff"}',
    "an overlong UTF-8 form": b'{"name": "hostile \xc0\xaf"}',
    "UTF-16": OK_BODY.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + OK_BODY,
    "a raw NUL": b'{"name": "hostile\0"}',
    "an escaped NUL": b'{"name": "hostile\\u0000"}',
    "an escaped NUL in a key": b'{"name": "hostile", "customProperties": {"\\u0000": {}}}',
    "a raw newline in a text": b'{"name": "hostile\n"}',
    "a lone surrogate": b'{"name": "hostile \\ud800"}',
    "surrogates the wrong way round": b'{"name": "hostile \\udc00\\ud800"}',
    "a surrogate as bytes": b'{"name": "hostile \xed\xa0\x80"}',
    "NaN": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": NaN}'),
    "Infinity": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": -Infinity}'),
    "1e400": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": 1e400}'),
    "1e60": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": 1e60}'),
    "400 digits": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": ' + b"9" * 400 + b"}"),
    "5000 digits": with_property(b'{"metadataType": "MetadataDoubleValue", "double_value": ' + b"9" * 5000 + b"}"),
    "5000 digits in a text": with_property(
        b'{"metadataType": "MetadataIntValue", "int_value": "' + b"9" * 5000 + b'"}'
    ),
    "10,000 objects in each other": nested(10_000),
    "10,000 arrays in each other": nested(10_000, b"[", b"]"),
    "10,000 open brackets": b"[" * 10_000,
    "10,000 levels of a struct": with_property(
        b'{"metadataType": "MetadataStructValue", "struct_value": "' + b"W1tb" * 2500 + b'"}'
    ),
    "the prefix of the store's own texts": b'{"name": "mlmd-struct::hostile"}',
    "an empty name": b'{"name": ""}',
    "no name at all": b"null",
    "a name of blanks and more than 255 bytes": b'{"name": "' + "é".encode() * 200 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_body_that_makes_no_sense_is_refused(proxy: Proxy, body: bytes) -> None:
    assert_refused(proxy, message("POST", MODELS, body), 400, 422)


def test_numbers_that_are_no_steps_are_refused(proxy: Proxy) -> None:
    for step in (b"1e400", b"9" * 5000, b"9223372036854775808", b"1.5", b'"1"', b"true", b"-1e19"):
        body = b'{"artifactType": "metric", "name": "hostile", "value": 1, "step": ' + step + b"}"
        assert_refused(proxy, message("POST", f"{API}/artifacts", body), 400)


def test_a_body_above_the_limit_is_refused_with_and_without_its_length(proxy: Proxy) -> None:
    body = b'{"name": "hostile", "description": "' + b"x" * LIMIT + b'"}'
    with_length = assert_refused(proxy, message("POST", MODELS, body), 413)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    without_length = assert_refused(proxy, message("POST", MODELS, None, b"Transfer-Encoding: chunked") + chunks, 413)
    assert json.loads(with_length.body) == json.loads(without_length.body)
    assert str(LIMIT) in json.loads(with_length.body)["message"]


def test_a_length_that_is_a_lie_is_not_waited_for(proxy: Proxy) -> None:
    huge = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n{" % MODELS.encode()
    assert_refused(proxy, huge, 413)


def test_a_body_without_any_length_is_an_empty_one(proxy: Proxy) -> None:
    assert_refused(proxy, message("POST", MODELS), 400)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"nonsense"])
def test_encoded_bodies_are_refused_even_where_they_are_json(proxy: Proxy, encoding: bytes) -> None:
    for body in (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", OK_BODY):
        answer = assert_refused(proxy, message("POST", MODELS, body, b"Content-Encoding: " + encoding), 400)
        assert b"Content-Encoding" in answer.body


QUERIES = {
    "a percent sign without digits": "name=%",
    "half an escape": "name=%4",
    "no hexadecimal digits": "name=%zz",
    "an escape that is not UTF-8": "name=%ff",
    "an overlong escape": "name=%c0%af",
    "a surrogate": "name=%ed%a0%80",
    "an escaped NUL": "name=a%00b",
    "a bad escape in a name": "%zz=1",
    "a page of nothing": "pageSize=0",
    "a page of less": "pageSize=-1",
    "a page of too much": "pageSize=99999999999999999999",
    "a page of 5000 digits": "pageSize=" + "9" * 5000,
    "two signs": "pageSize=%2B-1",
    "digits of another script": "pageSize=%D9%A3",
    "an underscore in a number": "pageSize=1_0",
    "an empty number": "pageSize=",
    "an empty choice": "orderBy=",
    "no choice": "orderBy=name;DROP%20TABLE%20Context",
    "a token that no server made": "nextPageToken=AAAA",
    "a token with a NUL": "nextPageToken=%00",
    "no query": "filterQuery=%22",
    "10,000 parentheses": "filterQuery=" + "(" * 10_000,
    "10,000 times NOT": "filterQuery=" + "NOT%20" * 10_000 + "id=1",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_a_query_that_makes_no_sense_is_refused(proxy: Proxy, query: str) -> None:
    path = f"{API}/registered_model" if query.startswith(("name", "%")) else MODELS
    assert_refused(proxy, message("GET", f"{path}?{query}"), 400)


PATHS = {
    "a trailing slash": (f"{MODELS}/", 404),
    "two slashes": (f"{API}//registered_models", 404),
    "two slashes at the front": (f"/{MODELS}", 404),
    "a step up": (f"{API}/experiments/../registered_models", 404),
    "an escaped step up": (f"{MODELS}/%2e%2e/artifacts", 404),
    "out of the assets": ("/docs/assets/../../../../../../etc/passwd", 404),
    "out of the assets, escaped": ("/docs/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404),
    "out of the assets, escaped slashes": ("/docs/assets/..%2f..%2f..%2fetc%2fpasswd", 404),
    "another version": ("/api/model_registry/v2/registered_models", 404),
    "another case": (f"{API}/Registered_Models", 404),
    "no id": (f"{MODELS}/x", 400),
    "an id with a NUL": (f"{MODELS}/%00", 400),
    "an id that is not UTF-8": (f"{MODELS}/%ff", 400),
    "an id in another script": (f"{MODELS}/%D9%A3", 400),
    "an id with a newline": (f"{MODELS}/7%0A", 400),
    "an id of 5000 digits": (f"{MODELS}/{'9' * 5000}", 400),
    "an id of 5000 zeros": (f"{MODELS}/{'0' * 5000}7", 404),
    "an id below 64 bits": (f"{MODELS}/-9223372036854775809", 400),
    "a template": (f"{MODELS}/%7BregisteredmodelId%7D", 400),
    "60,000 characters": (f"{MODELS}/{'x' * 60_000}", 400),
    "an unknown path of 60,000 characters": (f"{API}/{'x/' * 30_000}", 404),
}


@pytest.mark.parametrize(("target", "status"), PATHS.values(), ids=list(PATHS))
def test_a_path_that_does_not_exist_is_refused(proxy: Proxy, target: str, status: int) -> None:
    assert_refused(proxy, message("GET", target), status)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "LINK"])
def test_other_methods_are_refused_with_those_that_work(proxy: Proxy, method: str) -> None:
    answer = assert_refused(proxy, message(method, MODELS, b""), 405)
    assert answer.headers["allow"] == "GET, POST"


FLOODS = {
    "10,000 headers": [b"X-%d: x" % number for number in range(10_000)],
    "a header of a megabyte": [b"X: " + b"x" * 2**20],
    "a strange header": [b"X-\xff: \xff\xfe", b"Accept: \x80"],
}


@pytest.mark.parametrize("headers", FLOODS.values(), ids=list(FLOODS))
def test_headers_do_no_harm_however_many(proxy: Proxy, headers: list[bytes]) -> None:
    answer = sent(proxy, message("GET", f"{MODELS}/7", None, *headers))
    assert answer.status in (400, 404, 431)
    assert_unharmed(proxy)


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n\0\0\0\0",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GE\0T / HTTP/1.1\r\n\r\n",
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n" % MODELS.encode(),
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n" % MODELS.encode(),
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" % MODELS.encode(),
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}" % MODELS.encode(),
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}" % MODELS.encode(),
    ],
)  # fmt: skip
def test_what_is_no_http_is_refused_by_the_http_server(proxy: Proxy, request_: bytes) -> None:
    assert sent(proxy, request_).status == 400
    assert_unharmed(proxy)


POST = f"POST {MODELS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
LENGTH = b"Content-Length: %d\r\n\r\n%s" % (len(OK_BODY), OK_BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(OK_BODY), OK_BODY)
AMBIGUOUS = {
    "both lengths": POST + b"Transfer-Encoding: chunked\r\n" + LENGTH,
    "both lengths the other way round": POST + b"Content-Length: 5\r\n" + CHUNKED + CHUNK,
    "one length twice": POST + b"Content-Length: %d\r\n" % len(OK_BODY) + LENGTH,
    "a list of lengths": POST + LENGTH.replace(b"\r\n", b", 5\r\n", 1),
    "a length with a sign": POST + LENGTH.replace(b": ", b": +", 1),
    "a hexadecimal length": POST + LENGTH.replace(b": ", b": 0x", 1),
    "a blank before the colon": POST + LENGTH.replace(b":", b" :", 1),
    "a folded header": POST + b"X: a\r\n b\r\n" + LENGTH,
    "a folded encoding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNK,
    "bare line feeds": POST.replace(b"\r\n", b"\n") + LENGTH.replace(b"\r\n", b"\n"),
    "a bare carriage return": POST + b"X: a\rb\r\n" + LENGTH,
    "a NUL in a header": POST + b"X: a\0b\r\n" + LENGTH,
    "an encoding that is not known": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNK,
    "chunks that are not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNK,
    "a line feed after a chunk's extension": POST + CHUNKED + CHUNK.replace(b"\r\n", b";a\n", 1),
    "a chunk size with 0x": POST + CHUNKED + b"0x" + CHUNK,
    "a chunk size beyond 64 bits": POST + CHUNKED + b"f" * 20 + b"\r\n",
    "two hosts": POST + b"Host: other\r\n" + LENGTH,
    "no host": POST.replace(b"Host: localhost\r\n", b"") + LENGTH,
    "another version": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x00" + b"\x01" * 50,
    "a tunnel": b"CONNECT test:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=list(AMBIGUOUS))
def test_what_could_be_read_in_two_ways_is_refused_in_json_and_ends_the_connection(
    proxy: Proxy, request_: bytes
) -> None:
    answer = assert_refused(proxy, request_ + message("POST", MODELS, OK_BODY), 400)
    assert answer.headers["connection"] == "close"


COSTLY = {
    "many wrong members": b'"name": "hostile", "customProperties": {'
    + b", ".join(b'"k%d": {}' % number for number in range(4000))
    + b"}",
    "many duplicates": b",".join([b'"name":"hostile"'] * 3500),
}


@needs_proc
@pytest.mark.parametrize("members", COSTLY.values(), ids=list(COSTLY))
def test_a_costly_body_does_not_keep_others_waiting(proxy: Proxy, members: bytes) -> None:
    pids = {proxy.child.pid, *children_of(proxy.child.pid, running="")}
    began = cpu_seconds(pids)
    assert_refused(proxy, message("POST", MODELS, b"{" + members + b"}"), 400)
    assert cpu_seconds(pids) - began < 5


def test_a_thousand_custom_properties_are_kept(tmp_path: Path) -> None:
    value = {"metadataType": "MetadataStringValue", "string_value": "v"}
    body = {"name": "m", "customProperties": {f"k{number}": value for number in range(3000)}}
    with processes.proxy(tmp_path) as running:
        answer = sent(running, message("POST", MODELS, json.dumps(body).encode()))
        assert answer.status == 201
        assert len(json.loads(answer.body)["customProperties"]) == 3000


def test_the_log_says_what_happened_without_secrets_and_without_lines_of_clients(tmp_path: Path) -> None:
    with processes.proxy(tmp_path, "--log-level", "info") as running:
        for target in (f"{MODELS}/7%0d%0a2026-01-01 FAKE?token=secret", f"{API}/x%0aFAKE%1b[31m?access_token=secret"):
            request = message(
                "GET", target.replace(" ", "%20"), None, b"Authorization: Bearer secret", b"Cookie: s=secret"
            )
            assert sent(running, request).status in (400, 404)
        assert sent(running, b"GET /?token=secret\nFAKE HTTP/1.1\r\nX-Secret: secret\r\n\r\n").status == 400
        log = running.log.read_text()
    assert "secret" not in log
    assert "\x1b" not in log
    assert not any(line.startswith(("FAKE", "2026-01-01 FAKE")) for line in log.splitlines())
    assert log.count(" 400 ") + log.count("with 400") >= 2


def test_a_client_that_disconnects_does_no_harm(proxy: Proxy) -> None:
    address = urlsplit(proxy.url)
    for request in (b"POST ", message("POST", MODELS, OK_BODY)[:-5], message("GET", MODELS)):
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(request)
    assert_unharmed(proxy)
