"""An endpoint of OpenAI's protocol in this process: it answers as a test says, and keeps the bill."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Behavior = Callable[["Exchange"], None]


class Exchange:
    """One request to the endpoint, and what can be done with it."""

    def __init__(self, endpoint: FakeEndpoint, handler: BaseHTTPRequestHandler, body: Body) -> None:
        self.endpoint, self.handler, self.body = endpoint, handler, body

    @property
    def wanted(self) -> int:
        """The number of completions that are asked for."""
        return int(self.body["n"])

    def answer(self, texts: Sequence[str], **changes: Any) -> None:
        """Answer with texts, one for each completion, and charge for them."""
        self.send(200, self.good(texts, **changes))

    def good(self, texts: Sequence[str], *, finish: str = "stop", role: str = "assistant", **changes: Any) -> Body:
        """A well-formed answer, which is on the bill."""
        chat = "messages" in self.body
        asked = "".join(each["content"] for each in self.body["messages"]) if chat else self.body["prompt"]
        usage = {"prompt_tokens": len(asked.split()), "completion_tokens": sum(len(text.split()) for text in texts)}
        with self.endpoint.lock:
            self.endpoint.billed = tuple(
                before + more for before, more in zip(self.endpoint.billed, usage.values(), strict=True)
            )
        choices = [
            {"index": number, "finish_reason": finish}
            | ({"message": {"role": role, "content": text}} if chat else {"text": text})
            for number, text in enumerate(texts)
        ]
        return {"object": "chat.completion", "choices": choices, "usage": usage} | changes

    def send(self, status: int, body: Body | bytes | str, **headers: str) -> None:
        """Send any answer."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def cut_short(self, body: Body) -> None:
        """Send half of an answer, and close the connection."""
        data = json.dumps(body).encode()
        self.handler.send_response(200)
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data[: len(data) // 2])
        self.handler.close_connection = True

    def reset(self) -> None:
        """Break the connection."""
        connection = self.handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        self.handler.close_connection = True
        self.handler.wfile = open("/dev/null", "wb")  # type: ignore[assignment]  # noqa: SIM115


class FakeEndpoint:
    """A server on the loopback interface; ``behaviors`` are those of the first requests, ``usual`` that of the others.

    ``asked`` has the body of every request in the order of arrival, ``keys`` the header that authorizes it, ``billed``
    the tokens read and written of all well-formed answers.
    """

    def __init__(self, usual: Behavior, behaviors: Sequence[Behavior] = ()) -> None:
        self.usual, self._first = usual, list(behaviors)
        self.asked: list[Body] = []
        self.keys: list[str | None] = []
        self.billed: tuple[int, ...] = (0, 0)
        self.lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with endpoint.lock:
                    endpoint.asked.append(body)
                    endpoint.keys.append(self.headers.get("Authorization"))
                    behavior = endpoint._first.pop(0) if endpoint._first else endpoint.usual
                behavior(Exchange(endpoint, self, body))

            def do_GET(self) -> None:
                """What follows a redirection, which nothing should."""
                with endpoint.lock:
                    endpoint.asked.append({"path": self.path})
                    endpoint.keys.append(self.headers.get("Authorization"))
                Exchange(endpoint, self, {}).send(200, {})

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Clients may go away."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeEndpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def model(self, name: str = "fake", **settings: object) -> str:
        """The value of --model for this endpoint; attempts follow each other at once."""
        options = {"model": name, "base-url": self.url, "backoff": 0.01, "retries": 3} | settings
        return "openai:" + ",".join(f"{key.replace('_', '-')}={value}" for key, value in options.items())


def saying(*texts: str) -> Behavior:
    """Answers with these texts in turn, whatever is asked."""

    def behavior(exchange: Exchange) -> None:
        exchange.answer([texts[number % len(texts)] for number in range(exchange.wanted)])

    return behavior


def failing(status: int, text: str = '{"error": {"message": "not now"}}', **headers: str) -> Behavior:
    """Refuses with a status."""
    return lambda exchange: exchange.send(status, text, **headers)
