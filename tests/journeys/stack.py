"""The whole service as `make run` starts it: real processes, real HTTP, a real database."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from service.config import ROOT

_STARTS_WITHIN = 60  # seconds


class Stack:
    """Web server, sandbox and worker on free ports, on an empty database of their own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        port = two_free_ports()
        self.url = f"http://127.0.0.1:{port}"
        self.sandbox_url = f"http://127.0.0.1:{port + 1}"
        self.log = folder / "log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("APRESIASI_")}
        self.environment = inherited | {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "APRESIASI_INSTANCE_FOLDER": str(folder),
            "APRESIASI_DATABASE_URL": database_url,
            "APRESIASI_RATELIMIT_ENABLED": "0",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.staff: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, dict[str, str]] = {}

    def start(self) -> None:
        """What `make run` calls; returns when the service is ready."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._program("run-all", "--prepare"), cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self._wait(f"{self.url}/readyz")
        self._wait(f"{self.sandbox_url}/checkout/none", status=404)
        self.staff = {login["role"]: login for login in self.command_json("demo")["staff"]}

    def _wait(self, url: str, status: int = 200) -> None:
        until = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                if requests.get(url, timeout=5).status_code == status:
                    return
            except requests.RequestException:
                pass
            alive = self._process is not None and self._process.poll() is None
            if not alive or time.monotonic() > until:
                raise RuntimeError(f"{url} did not come up:\n{self.log.read_text()}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._process.wait(timeout=60)

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of the command line on this installation."""
        done = subprocess.run(
            self._program(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def command_json(self, *arguments: str) -> Any:
        return json.loads(self.command(*arguments, "--json").stdout)

    def token(self, role: str) -> dict[str, str]:
        secret = self.command("staff", "token", "--role", role).stdout.splitlines()[-1]
        return {"Authorization": f"Bearer {secret}"}

    def kept_token(self, role: str) -> dict[str, str]:
        """One caller of a role for all who do not mind sharing it."""
        if role not in self._tokens:
            self._tokens[role] = self.token(role)
        return self._tokens[role]

    def control(self, **script: Any) -> Any:
        answer = requests.post(f"{self.sandbox_url}/control", json=script, timeout=10)
        answer.raise_for_status()
        return answer.json()

    @staticmethod
    def _program(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def wait_for(found: Any, seconds: float = 20) -> Any:
    """Call until something true comes back; AssertionError after a while."""
    until = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def wait_for_server(url: str) -> None:
    """Until a web server answers."""

    def answers() -> bool:
        try:
            return requests.get(f"{url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    wait_for(answers, 60)


def two_free_ports() -> int:
    """The first of two ports in a row. They lie below those that the system gives to outgoing
    connections, so that none of these gets one before the service does."""
    while True:
        port = secrets.choice(range(20_000, 32_000, 2))
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port
