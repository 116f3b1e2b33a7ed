"""The service as processes that a test starts, kills and starts again one by one."""

import os
import signal
import socket
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests

from service.config import ROOT
from tests.journeys.stack import Stack, wait_for

SANDBOX_KEY = "key-of-services-apart"
_ANSWERS = {"serve": ("/healthz", 200), "sandbox": ("/checkout/none", 404)}
_STARTS_WITHIN = 60  # seconds


class Apart(Stack):
    """Each command in a process group of its own, so that one can be killed with all its
    children at once; each with a log file of its own, ``log-COMMAND``."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        self.environment["APRESIASI_SANDBOX_API_KEY"] = SANDBOX_KEY
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._hold_port()
        self.command("db", "upgrade")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._running):
            self.kill(name)
        self._held.close()

    def _hold_port(self) -> None:
        """Nothing else on this machine may get the server's port while the server is down: a
        socket that is bound and does not listen keeps it, beside granian's own."""
        place = urlsplit(self.url)
        held = self._held.enter_context(socket.socket())
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((place.hostname, place.port))

    def launch(self, name: str) -> None:
        """Start a command without waiting for it."""
        with self.log_of(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._program(name),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, *names: str) -> None:
        """Start commands together; returns when those that answer HTTP do."""
        for name in names:
            self.launch(name)
        for name in names:
            if name in _ANSWERS:
                wait_for(lambda name=name: self.answers(name), _STARTS_WITHIN)

    def answers(self, name: str) -> bool:
        """Whether a process of the service answers. AssertionError where it ended by itself."""
        assert self.is_running(name), self.log_of(name).read_text()
        path, status = _ANSWERS[name]
        try:
            url = self.sandbox_url if name == "sandbox" else self.url
            return requests.get(f"{url}{path}", timeout=5).status_code == status
        except requests.RequestException:
            return False

    def is_running(self, name: str) -> bool:
        return self._running[name].poll() is None

    def kill(self, name: str) -> None:
        """kill -9 for a command and its children, all at once."""
        process = self._running.pop(name)
        with suppress(ProcessLookupError):  # it ended by itself, and that is what the test tells
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    def log_of(self, name: str) -> Path:
        return self.folder / f"log-{name}"
