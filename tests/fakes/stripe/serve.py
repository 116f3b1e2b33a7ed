"""The fake on a real port of this machine, for tests that want sockets."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.wire import Hang

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    """Serves without writing a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        return None


def _hanging(app: Wsgi, hold_s: Callable[[], float], over: threading.Event) -> Wsgi:
    """Turn a Hang into a connection that is held and then closed without an answer."""

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Hang:
            over.wait(hold_s())
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError from None

    return served


@contextmanager
def serve(app: Wsgi, hold_s: Callable[[], float]) -> Iterator[str]:
    """The base URL of ``app`` while the block runs; ``hold_s`` says how long a hanging answer holds."""
    over = threading.Event()
    server = make_server("127.0.0.1", 0, _hanging(app, hold_s, over), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
