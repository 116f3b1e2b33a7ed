"""HTTP without sockets: a requests session whose calls go straight into a WSGI app."""

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Hang(Exception):
    """Raised out of a WSGI app whose answer never comes."""


class InProcess(BaseAdapter):
    """Sends requests to a WSGI app in this process; a Hang becomes the read timeout a client would see.

    ``away`` makes the app unreachable, ``calls`` lists what was sent, and ``around`` wraps each
    call, for what goes wrong on the way.
    """

    def __init__(self, app: Wsgi) -> None:
        super().__init__()
        self.app = app
        self.away = False
        self.calls: list[tuple[str, str]] = []
        self.around: Callable[[Callable[[], requests.Response]], requests.Response] | None = None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        if self.away:
            raise requests.ConnectionError(request=request)
        self.calls.append((str(request.method), urlsplit(str(request.url)).path))
        if self.around is None:
            return self._carry(request)
        return self.around(lambda: self._carry(request))

    def _carry(self, request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.request, response.url = request, str(request.url)

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            response.status_code, response.headers = int(status[:3]), CaseInsensitiveDict(headers)
            response.reason = HTTPStatus(response.status_code).phrase

        try:
            answer = self.app(_environ(request), start_response)
            body = b"".join(answer)
        except Hang:
            raise requests.exceptions.ReadTimeout(request=request) from None
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        response.raw, response._content, response.encoding = io.BytesIO(body), body, "utf-8"
        return response

    def close(self) -> None:
        return None


def session(app: Wsgi, wire: InProcess | None = None) -> requests.Session:
    """A session that reaches ``app`` under every address and reads nothing from the environment."""
    made = requests.Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, wire or InProcess(app))
    return made


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url, body = urlsplit(str(request.url)), request.body or b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path).encode().decode("latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(sent)),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", text)
    return environ
