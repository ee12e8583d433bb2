"""Sends ten times the load that a store can take, and measures responses, the latency of accepted requests, and memory.

    python -m benchmarks.overload --url http://127.0.0.1:8080 --pid PID

First come as many clients as keep the store busy, then ten times as many. Each client sends its next request as soon as it has a
response, whatever its status. Half of the requests create a model of 1 kB, half read one.
"""

import argparse
import asyncio
import json
import statistics
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

API = "/api/model_registry/v1alpha3/registered_models"
_BUSY_CLIENTS, _TIMES = 100, 10


@dataclass
class Outcome:
    """Counts of responses by status, seconds of each accepted request, and counts of failures without a response by error."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def line(self, name: str, seconds: float, peak: int) -> str:
        """One row of a Markdown table: `seconds` is the length of the run, `peak` the memory in KiB."""
        cuts = [value * 1000 for value in statistics.quantiles(self.accepted, n=100)]
        accepted = len(self.accepted) / seconds
        refused = sum(count for status, count in self.statuses.items() if status == 503) / seconds  # noqa: PLR2004
        others = sum(count for status, count in self.statuses.items() if status not in (200, 201, 503))
        numbers = f"{accepted:,.0f} | {refused:,.0f} | {others} | {sum(self.failures.values())}"
        return f"| {name} | {numbers} | {cuts[49]:,.0f} | {cuts[98]:,.0f} | {peak // 1024:,} |"


async def _client(host: str, port: int, end: float, outcome: Outcome) -> None:
    turn = 0
    while time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection(host, port)
            while time.monotonic() < end:
                turn += 1
                if not await _request(reader, writer, turn, outcome):
                    break
            writer.close()
        except (OSError, asyncio.IncompleteReadError) as error:
            outcome.failures[type(error).__name__] += 1
            await asyncio.sleep(0.05)


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: int, outcome: Outcome) -> bool:
    """Sends one request. Returns whether the connection can take another one."""
    body = b""
    line = f"GET {API}/1"
    if turn % 2:
        body = json.dumps({"name": str(uuid.uuid4()), "description": "x" * 900}).encode()
        line = f"POST {API}"
    began = time.monotonic()
    writer.write(f"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
    status = int(head.split()[1])
    outcome.statuses[status] += 1
    if status < 300:  # noqa: PLR2004
        outcome.accepted.append(time.monotonic() - began)
    return b"connection: close" not in head


async def _run(url: str, clients: int, seconds: float) -> Outcome:
    address, outcome = urlsplit(url), Outcome()
    end = time.monotonic() + seconds
    host, port = address.hostname or "", address.port or 80
    await asyncio.gather(*(_client(host, port, end, outcome) for _ in range(clients)))
    return outcome


def _peak(pid: int) -> int:
    """The peak resident memory of a process, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Runs both loads and prints a Markdown table."""
    parser = argparse.ArgumentParser(description="Measure a server under ten times the load that its store can take.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, required=True, help="id of the serving process, whose memory is measured")
    parser.add_argument("--seconds", type=float, default=10)
    chosen = parser.parse_args()
    print("| clients | accepted/s | 503/s | other responses | no response | p50 ms | p99 ms | peak MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for clients in (_BUSY_CLIENTS, _BUSY_CLIENTS * _TIMES):
        outcome = asyncio.run(_run(chosen.url, clients, chosen.seconds))
        print(outcome.line(f"{clients:,}", chosen.seconds, _peak(chosen.pid)), flush=True)


if __name__ == "__main__":
    main()
