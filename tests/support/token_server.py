"""A server that gives out tokens for an OCI registry, as the large registries have one."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.support.certificates import Authority

SERVICE, ISSUER, SECONDS = "images", "tests", 60


@dataclass
class TokenServer:
    """A running server. `settings`: lines for the configuration of Docker's registry. `scopes`: what was asked for."""

    settings: str
    scopes: list[str] = field(default_factory=list)


@contextmanager
def token_server(folder: Path, user: str, password: str) -> Iterator[TokenServer]:
    """Gives tokens to one user for everything that is asked for."""
    authority = Authority(folder, "tokens")
    pair = authority.issue("localhost", name="signer")
    chain = [
        "".join(part.partition("-----END")[0].split())
        for part in pair.cert.read_text().split("-----BEGIN CERTIFICATE-----")[1:]
    ]
    login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            scope = parse_qs(urlsplit(self.path).query).get("scope", [""])[0]
            served.scopes.append(scope)
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            access = [{"type": kind, "name": name, "actions": actions.split(",")}] if scope else []
            now = int(time.time())
            claims = {
                "iss": ISSUER,
                "sub": user,
                "aud": SERVICE,
                "iat": now,
                "nbf": now - 5,
                "exp": now + SECONDS,
                "access": access,
            }
            token = jwt.encode(claims, pair.key.read_text(), _algorithm(pair.key), {"x5c": chain})
            is_known = self.headers.get("Authorization") == login
            body = json.dumps({"token": token} if is_known else {"details": "unknown user"}).encode()
            self.send_response(200 if is_known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        realm = f"http://127.0.0.1:{server.server_port}/token"
        served = TokenServer(
            "auth:\n  token:\n"
            f"    realm: {realm}\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {authority.ca}\n"
        )
        yield served
        server.shutdown()


def _algorithm(key: Path) -> str:
    return "ES256" if "EC PRIVATE KEY" in key.read_text() else "RS256"
