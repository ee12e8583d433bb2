"""An issuer of JWTs for tests: keys that can be rotated, tokens with any mistake, and a server that counts its requests."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

AUDIENCE = "model-registry"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_MADE = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


class Issuer:
    """`url` is the name of the issuer, and its address while `serving`."""

    def __init__(self, url: str = "http://issuer.example") -> None:
        self.url = url
        self.keys: dict[str, tuple[str, Private]] = {}
        self.visits: Counter[str] = Counter()
        self.is_down = False
        self.says_it_is: str | None = None

    def add_key(self, kid: str, algorithm: str = "ES256") -> None:
        """Adds a key and publishes it at once."""
        self.keys[kid] = (algorithm, _MADE[algorithm]())

    def jwks(self) -> str:
        """The published keys, as a JSON Web Key Set."""
        made = []
        for kid, (algorithm, key) in self.keys.items():
            as_text = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key())  # type: ignore[attr-defined]
            made.append({**json.loads(as_text), "kid": kid, "use": "sig"})
        return json.dumps({"keys": made})

    def token(
        self, kid: str, *, header: dict[str, Any] | None = None, lacking: tuple[str, ...] = (), **claims: Any
    ) -> str:
        """A token of the user ann in the group fraud. It is valid for a minute. Further claims replace or extend its claims."""
        algorithm, key = self.keys[kid]
        usual = {"iss": self.url, "aud": AUDIENCE, "exp": int(time.time()) + 60, "sub": "ann", "groups": ["fraud"]}
        said = {name: value for name, value in {**usual, **claims}.items() if name not in lacking}
        return jwt.encode(said, key, algorithm, headers={"kid": kid, **(header or {})})

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serves the discovery document and the keys on a free port; yields the address, which becomes `url`."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.visits[self.path] += 1
                pages = {
                    "/.well-known/openid-configuration": json.dumps(
                        {"issuer": issuer.says_it_is or issuer.url, "jwks_uri": issuer.url + "/keys"}
                    ),
                    "/keys": issuer.jwks(),
                }
                body = pages.get(self.path, "").encode()
                self.send_response(503 if issuer.is_down else 200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield self.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def part(content: Any) -> str:
    """One part of a hand-made token."""
    text = json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes = b"") -> str:
    """A token with any header, signed by HMAC with a secret, or not at all."""
    signed = f"{part(header)}.{part(claims)}"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
