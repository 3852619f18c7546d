"""Exchanges with endpoints: what to try again and when, in which order to ask, and no secret in any message."""

from __future__ import annotations

import email.utils
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from typing import Any, NoReturn, TypeVar

import orjson

from psynth import __version__
from psynth.core.errors import InputError, UsageError
from psynth.core.printable import one_line
from psynth.core.work import Canceled, Stop
from psynth.plugins.language_model import ModelFailure, RequestTooLong
from psynth_models.protocol import Malformed, is_too_long

T = TypeVar("T")

LARGEST_ANSWER = 64 << 20
"""Maximum size of an answer in bytes."""
LONGEST_WAIT = 300.0
"""Maximum time before another attempt, in seconds, also if the endpoint asks for more."""
SHOWN = 200
"""Maximum number of characters of a refusal that are shown."""
AGAIN = (408, 409, 425, 429, *range(500, 600))
"""The statuses of an answer that may be another one the next time."""
_TICK = 0.05
"""Seconds between two looks at whether to stop."""


class Secret:
    """A key: it can be sent, and taken out of a text, but not seen."""

    def __init__(self, key: str) -> None:
        self._key = key

    @classmethod
    def of(cls, variable: str, key: str) -> Secret | None:
        """The key in a variable of the environment; None if it is empty, UsageError if it cannot be sent."""
        key = key.strip()
        if not key:
            return None
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError(f"the variable {variable} holds no key: it has characters that cannot be sent")
        return cls(key)

    def __repr__(self) -> str:
        return "Secret(…)"

    def header(self) -> dict[str, str]:
        """The header that sends it."""
        return {"Authorization": f"Bearer {self._key}"}

    def hidden(self, text: str) -> str:
        """A text without it."""
        return text.replace(self._key, "[key]")


class _Failed(Exception):
    """An attempt that may be repeated, after as many seconds as the endpoint says."""

    def __init__(self, message: str, after: float | None = None) -> None:
        self.message, self.after = message, after
        super().__init__(message)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirection is an answer like any other: following it would send the key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Endpoints:
    """Asks endpoints in order: each up to ``retries`` times more, with ``backoff`` seconds before the first of them."""

    def __init__(self, retries: int, backoff: float, timeout: float) -> None:
        self._retries, self._backoff, self._timeout = retries, backoff, timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    def exchange(
        self,
        places: Sequence[tuple[str, Secret | None]],
        body: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], T],
        stop: Stop,
    ) -> T:
        """What ``read`` makes of the first good answer; it raises Malformed for one that is none.

        ModelFailure names what each place said last. A refusal that trying again cannot change is raised if no other
        place answers.
        """
        data = orjson.dumps(body)
        said: list[str] = []
        refusal: Exception | None = None
        for url, key in places:
            try:
                return self._persistent(url, key, data, read, stop)
            except _Failed as failed:
                said.append(f"{_place(url)}: {failed.message}")
            except (InputError, UsageError) as error:
                refusal = refusal or error
        if refusal is not None:
            raise refusal from None
        raise ModelFailure(f"no answer of the model: {'; '.join(said)}") from None

    def _persistent(
        self, url: str, key: Secret | None, data: bytes, read: Callable[[Mapping[str, Any]], T], stop: Stop
    ) -> T:
        for attempt in range(self._retries + 1):
            try:
                return read(self._answer(url, key, data))
            except (_Failed, Malformed) as error:
                failed = error if isinstance(error, _Failed) else _Failed(str(error))
                if attempt == self._retries:
                    times = f" after {attempt + 1} attempts" if attempt else ""
                    raise _Failed(failed.message + times) from None
                wait = self._backoff * 2.0**attempt if failed.after is None else failed.after
                _sleep(min(wait, LONGEST_WAIT), stop)
        raise AssertionError("unreachable")

    def _answer(self, url: str, key: Secret | None, data: bytes) -> Mapping[str, Any]:
        """The answer of one exchange; _Failed, or the refusal as an error for the user."""
        headers = {"Content-Type": "application/json", "User-Agent": f"psynth/{__version__}"}
        request = urllib.request.Request(url, data, headers | ({} if key is None else key.header()), method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                text = self._read(response)
        except urllib.error.HTTPError as error:
            with error:
                _refuse(error.code, error.headers, _said(error, key), key)
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise _Failed(_hidden(one_line(f"{type(reason).__name__}: {reason}"), key)) from None
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            raise _Failed("an answer that is no JSON, or was cut short") from None
        if not isinstance(answer, dict):
            raise _Failed("an answer that is no object")
        return answer

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """The body of an answer, which must be there in time: an endpoint may send a byte now and then."""
        end = time.monotonic() + self._timeout
        parts: list[bytes] = []
        size = 0
        while part := response.read1(1 << 20):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise _Failed(f"an answer of more than {LARGEST_ANSWER:,} bytes")
            if time.monotonic() > end:
                raise _Failed(f"an answer that takes more than {self._timeout:g} seconds")
        return b"".join(parts)


def _said(error: urllib.error.HTTPError, key: Secret | None) -> str:
    """What a refusal says, in one line; texts of JSON are taken as they are meant."""
    try:
        text = error.read(1 << 16).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    try:
        said = json.loads(text)
        found = said.get("error", said) if isinstance(said, dict) else said
        if isinstance(found, dict):
            found = " ".join(str(found[name]) for name in ("message", "code") if isinstance(found.get(name), str))
        text = str(found)
    except (ValueError, RecursionError):
        pass
    return _hidden(one_line(text), key)


def _hidden(text: str, key: Secret | None) -> str:
    return text if key is None else key.hidden(text)


def _refuse(status: int, headers: Message, said: str, key: Secret | None) -> NoReturn:
    """Raise what a refusal means."""
    shown = f"status {status}" + (f": {said[:SHOWN]}" if said else "")
    if status in AGAIN:
        raise _Failed(shown, _retry_after(headers.get("Retry-After"))) from None
    if status in (400, 413, 422) and (status == 413 or is_too_long(said)):
        raise RequestTooLong(f"the model cannot read as much: {shown}") from None
    if status in (401, 403):
        hint = "is the variable of key-env set?" if key is None else "is the key in the variable of key-env right?"
        raise UsageError(f"the endpoint refuses the key ({shown}); {hint}") from None
    raise InputError(f"the endpoint refuses the request ({shown})") from None


def _retry_after(text: str | None) -> float | None:
    """The seconds that a header asks to wait, as a number or a date; None without a sound one."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        date = email.utils.parsedate_tz(text)
        if date is None:
            return None
        seconds = email.utils.mktime_tz(date) - time.time()
    return max(seconds, 0.0) if seconds == seconds else None


def _place(url: str) -> str:
    """The host of a URL, for messages."""
    return url.split("/")[2]


def _sleep(seconds: float, stop: Stop) -> None:
    """Wait, or raise Canceled at once if the work is to end."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stop.is_set():
            raise Canceled
        time.sleep(min(left, _TICK))
    if stop.is_set():
        raise Canceled
