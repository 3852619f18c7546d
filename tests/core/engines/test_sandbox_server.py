"""The sandbox as a server: many clients, slow and half-closed ones, large requests, and clients that are browsers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from psynth.core.engines import sandbox_server
from psynth.core.engines.sandbox_server import SandboxServer
from psynth.core.engines.sandbox_settings import EXECUTABLE, SandboxSettings
from psynth.core.errors import UsageError

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the sandbox is not built")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A server with two workers on a free port."""
    with SandboxServer("127.0.0.1:0", SandboxSettings(cpu=1.0, wall=20.0), jobs=2) as found:
        thread = threading.Thread(target=found.serve)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def connection(server: SandboxServer) -> http.client.HTTPConnection:
    """A connection to the server."""
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    return http.client.HTTPConnection(host, int(port), timeout=30)


def post(server: SandboxServer, body: bytes, kind: str = "application/json", **headers: str) -> tuple[int, bytes]:
    """The status and the body of the answer to a request."""
    client = connection(server)
    client.request("POST", "/", body, {"Content-Type": kind, **headers})
    answer = client.getresponse()
    return answer.status, answer.read()


def program(text: str, **fields: Any) -> bytes:
    """A program as a request."""
    return json.dumps({"program": text, **fields}).encode()


def test_one_program_and_many(server: SandboxServer) -> None:
    status, body = post(server, program("def f(x): return x + 1", function="f", arguments=[1], id="a"))
    assert (status, json.loads(body)["result"], json.loads(body)["id"]) == (200, 2, "a")
    lines = b"\n".join([program("print(1)"), b"junk", program("1/0"), program("while True: pass")])
    status, body = post(server, lines, "application/x-ndjson")
    assert [json.loads(line)["status"] for line in body.splitlines()] == ["ok", "bad-input", "error", "cpu-limit"]


def test_more_clients_than_workers(server: SandboxServer) -> None:
    def ask(number: int) -> str:
        return str(json.loads(post(server, program(f"import time; time.sleep(.02); print({number})"))[1])["stdout"])

    with ThreadPoolExecutor(40) as clients:
        assert list(clients.map(ask, range(120))) == [f"{number}\n" for number in range(120)]


def test_large_requests_are_served_or_refused(server: SandboxServer) -> None:
    comment = "#" * (10 << 20)
    status, body = post(server, program(f"{comment}\nprint(2)"))
    assert (status, json.loads(body)["stdout"]) == (200, "2\n")
    client = connection(server)
    client.putrequest("POST", "/")
    client.putheader("Content-Type", "application/json")
    client.putheader("Content-Length", str(sandbox_server.LARGEST_REQUEST + 1))
    client.endheaders()
    assert client.getresponse().status == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://example.org"}, 403),
        ({"Host": "example.org"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_pages_in_a_browser_are_refused(server: SandboxServer, headers: dict[str, str], status: int) -> None:
    client = connection(server)
    client.request("POST", "/", program("print(1)"), {"Content-Type": "application/json", **headers})
    assert client.getresponse().status == status


def test_slow_readers_hold_no_worker(server: SandboxServer) -> None:
    address = ("127.0.0.1", connection(server).port)
    lines = b"\n".join([program("print('x' * 60000)")] * 200)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    slow = [socket.create_connection(address) for _ in range(4)]
    try:
        for each in slow:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.sendall(head + b"Content-Length: %d\r\n\r\n" % len(lines) + lines)
        time.sleep(1.0)
        started = time.monotonic()
        assert json.loads(post(server, program("print(3)"))[1])["stdout"] == "3\n"
        assert time.monotonic() - started < 5
    finally:
        for each in slow:
            each.close()


def test_half_closed_and_vanished_clients(server: SandboxServer) -> None:
    address = ("127.0.0.1", connection(server).port)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with socket.create_connection(address) as half:
        half.sendall(head + b"Content-Length: %d\r\n\r\n" % len(program("print(4)")) + program("print(4)"))
        half.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: half.recv(65536), b""))
        assert b'"stdout":"4\\n"' in answer
    with socket.create_connection(address) as torn:
        torn.sendall(head + b"Content-Length: 1000\r\n\r\n{")
        torn.shutdown(socket.SHUT_WR)
        assert b"400" in torn.recv(65536)
    for _ in range(5):
        with socket.create_connection(address) as gone:
            gone.sendall(head + b"Content-Length: 30\r\n\r\n" + program("print(1)"))
    assert post(server, program("print(5)"))[0] == 200


def test_a_unix_socket_is_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with SandboxServer(f"unix:{path}", SandboxSettings()) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(UsageError, match="another server"):
            SandboxServer(f"unix:{path}", SandboxSettings())
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /health HTTP/1.1\r\nHost: psynth\r\nConnection: close\r\n\r\n")
            assert b'"layers":' in b"".join(iter(lambda: client.recv(65536), b""))
        server.shutdown()
        thread.join()
    assert not path.exists()
    path.write_text("a file of the user's")
    with pytest.raises(UsageError, match="not a socket"):
        SandboxServer(f"unix:{path}", SandboxSettings())
    assert path.exists()
