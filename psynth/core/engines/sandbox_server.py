"""The sandbox as a server for other tools: HTTP on the loopback interface or on a Unix socket.

``POST /`` with one program as JSON answers with its result; with ``Content-Type: application/x-ndjson`` the body has
one program a line, and the answer one result a line. ``GET /health`` answers with the layers in force. Requests wait
for a free worker, connections beyond a number in the kernel: whoever sends more than the sandbox runs is slowed down.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from socketserver import TCPServer as BaseServer
from socketserver import ThreadingMixIn
from types import FrameType
from typing import Any

from psynth.core.closing import Closing
from psynth.core.engines.sandbox import Sandbox, SandboxJob, SandboxResult
from psynth.core.engines.sandbox_records import Request, read_request, refused, result_record
from psynth.core.engines.sandbox_settings import SandboxSettings
from psynth.core.errors import EngineError, InputError, UsageError
from psynth.core.stream.records import encode

LARGEST_REQUEST = 64 << 20
"""The largest body of a request, in bytes."""
CONNECTIONS = 64
"""Number of connections served at a time; each has a thread, and most of them wait for a worker."""
IDLE_SECONDS = 60.0
"""How long a client may neither send nor receive anything before its connection is closed."""
UNIX = "unix:"
ONE, MANY = "application/json", "application/x-ndjson"


class SandboxServer(Closing):
    """A server with ``jobs`` workers, each a sandbox of its own; a context manager."""

    def __init__(self, address: str, settings: SandboxSettings, jobs: int = 1) -> None:
        """Start the workers and listen; UsageError for an address that cannot be used."""
        self._workers: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        self._all = [Sandbox(settings) for _ in range(jobs)]
        self._server: _Listener | None = None
        try:
            for worker in self._all:
                self.layers = worker.start()
                self._workers.put(worker)
            self._server, self.address = _listener(address, self)
        except BaseException:
            self.close()
            raise

    def serve(self) -> None:
        """Serve until interrupted, or until SIGTERM."""
        assert self._server is not None
        server = self._server

        def end(number: int, frame: FrameType | None) -> None:
            # The loop would wait for itself if it were ended in its own thread.
            threading.Thread(target=server.shutdown, daemon=True).start()

        previous = signal.signal(signal.SIGTERM, end) if threading.current_thread() is threading.main_thread() else None
        try:
            server.serve_forever()
        finally:
            if previous is not None:
                signal.signal(signal.SIGTERM, previous)

    def shutdown(self) -> None:
        """End ``serve``, from another thread."""
        assert self._server is not None
        self._server.shutdown()

    def close(self) -> None:
        """Stop listening, and end all programs."""
        if self._server is not None:
            self._server.server_close()
        for worker in self._all:
            worker.close()

    def run(self, job: SandboxJob) -> SandboxResult:
        """The result of a job, once a worker is free."""
        worker = self._workers.get()
        try:
            [result] = worker.run([job])
            return result
        finally:
            self._workers.put(worker)


class _Listener(ThreadingMixIn, BaseServer):
    """Accepts at most ``CONNECTIONS`` connections at a time; the others wait to be accepted."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, family: socket.AddressFamily, place: Any, owner: SandboxServer) -> None:
        self.address_family = family
        self.owner = owner
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(place, _Handler)
        self._place = place if isinstance(place, str) else None

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, once there is one."""
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the server."""

    def server_close(self) -> None:
        """Stop listening; a Unix socket disappears."""
        super().server_close()
        if self._place is not None:
            Path(self._place).unlink(missing_ok=True)


def _listener(address: str, owner: SandboxServer) -> tuple[_Listener, str]:
    """A listener, and its address as clients write it."""
    try:
        if address.startswith(UNIX):
            path = address.removeprefix(UNIX)
            _remove_stale(path)
            with _only_for_owner():
                return _Listener(socket.AF_UNIX, path, owner), f"{UNIX}{path}"
        host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
        host = {"localhost": "127.0.0.1", "": "127.0.0.1"}.get(host, host.strip("[]"))
        if not ip_address(host).is_loopback:
            raise UsageError(f"--server {address}: only the loopback interface is served; use unix:PATH to share it")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = _Listener(family, (host, int(port)), owner)
        place = listener.socket.getsockname()
        return listener, f"http://{f'[{host}]' if ':' in host else host}:{place[1]}"
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--server {address}: expected 127.0.0.1:PORT or unix:PATH") from error
    except OSError as error:
        raise UsageError(f"--server {address}: {error.strerror or error}") from error


@contextlib.contextmanager
def _only_for_owner() -> Iterator[None]:
    """Make a socket that only this user can connect to."""
    previous = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(previous)


def _remove_stale(path: str) -> None:
    """Remove the socket of a server that is gone."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise UsageError(f"{path}: exists, and is not a socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        else:
            raise UsageError(f"{path}: another server is listening there")


class _Refused(Exception):
    """A request that is not served: the HTTP status, and why."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason


class _Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server_version = "psynth-sandbox"
    sys_version = ""

    def address_string(self) -> str:
        """The client; those of a Unix socket have no address."""
        return str(self.client_address)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged: they may be private."""

    def do_GET(self) -> None:
        """The layers in force."""
        with self._refusing():
            self._check_origin()
            if self.path != "/health":
                raise _Refused(404, "POST programs to /, GET /health")
            layers = self.server.owner.layers
            self._answer(200, encode({"layers": list(layers.present), "missing": dict(layers.missing)}) + b"\n")

    def do_POST(self) -> None:
        """Run a program, or the program on each line."""
        with self._refusing():
            self._check_origin()
            if self.path != "/":
                raise _Refused(404, "POST programs to /, GET /health")
            kind = (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
            if kind not in (ONE, MANY):
                raise _Refused(415, f"Content-Type is {ONE}, or {MANY} for one program a line")
            body = self._body()
            if kind == ONE:
                self._answer(200, self._result(body, 1) + b"\n")
            else:
                self._stream([line for line in body.splitlines() if line.strip()])

    def _check_origin(self) -> None:
        """Refuse what a page in a browser sends: any page could otherwise run programs here."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or ""
        local = host.strip("[]") in ("127.0.0.1", "localhost", "::1")
        if self.headers.get("Origin") is not None or (self.server.address_family != socket.AF_UNIX and not local):
            raise _Refused(403, "requests come from this machine, and not from a browser")

    def _body(self) -> bytes:
        try:
            length = int(self.headers["Content-Length"])
        except (TypeError, ValueError):
            raise _Refused(411, "Content-Length is missing") from None
        if not 0 <= length <= LARGEST_REQUEST:
            raise _Refused(413, f"a request has at most {LARGEST_REQUEST >> 20} megabytes")
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Refused(400, "the request was cut short")
        return body

    def _result(self, line: bytes, number: int) -> bytes:
        owner = self.server.owner
        request = Request(number, SandboxJob())
        try:
            request = read_request(line, request)
            result = owner.run(request.job)
        except InputError as error:
            request, result = refused(line, request, error)
        except EngineError as error:
            result = SandboxResult("sandbox-error", str(error))
        return encode(result_record(request, result, owner.layers))

    def _stream(self, lines: list[bytes]) -> None:
        """Answer line by line; what is slow to be read holds no worker."""
        self.send_response(200)
        self.send_header("Content-Type", MANY)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, line in enumerate(lines, 1):
            record = self._result(line, number) + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(record), record))
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", ONE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except _Refused as refusal:
            # The rest of a body that was not read would be taken for the next request.
            self.close_connection = True
            self._answer(refusal.status, encode({"error": refusal.reason}) + b"\n")
