"""``serve``, ``sandbox``, ``worker`` and ``run-all``: the processes of the service."""

import os
import signal
import socket
import subprocess
import sys
import threading

import click
from flask import current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service.cli.database import upgrade
from service.cli.demo import demo
from service.config import ROOT, Settings, keep_address
from service.jobs.worker import run_worker

_ENDS_WITHIN = 15  # seconds for a process to stop by itself


@click.command("serve")
@click.option("--host", default=lambda: os.environ.get("HOST", "127.0.0.1"), show_default="HOST")
@click.option("--port", default=lambda: int(os.environ.get("PORT", "8000")), type=int, show_default="PORT")
@click.option("--processes", default=1, show_default=True, help="Server processes.")
@with_appcontext
def serve(host: str, port: int, processes: int) -> None:
    """Serve the web application with granian."""
    settings: Settings = current_app.extensions["settings"]
    _serve("wsgi:app", host, port, processes, settings.threads)


@click.command("sandbox")
@click.option("--host", default=lambda: os.environ.get("HOST", "127.0.0.1"), show_default="HOST")
@click.option(
    "--port", type=int, default=lambda: int(os.environ.get("PORT", "8000")) + 1, show_default="PORT + 1"
)
def sandbox(host: str, port: int) -> None:
    """Serve the sandbox processor, a separate app that stands in for a real one."""
    _serve("service.processors.sandbox.app:from_environment", host, port, 1, 16, factory=True)


def _serve(target: str, host: str, port: int, processes: int, threads: int, factory: bool = False) -> None:
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        backpressure=max(threads * 4, 64),
        factory=factory,
        log_access=False,
        log_level=LogLevels.error,
        working_dir=ROOT,
    ).serve()


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the background worker: sweeps, retries, numbering, checks."""
    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]  # werkzeug's proxy


@click.command("run-all")
@click.option("--prepare", is_flag=True, help="First bring the database up and set up the demo.")
@click.pass_context
@with_appcontext
def run_all(context: click.Context, prepare: bool) -> None:
    """Run web server, sandbox and worker together until Ctrl-C; what ``make run`` calls."""
    settings: Settings = current_app.extensions["settings"]
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    _require_free(host, port)
    if settings.processor == "sandbox":
        _require_free(host, port + 1)
    if prepare:
        context.invoke(upgrade)
        keep_address(settings.instance_folder, host, port)
        context.invoke(demo)
    commands = ["serve", "worker"] + (["sandbox"] if settings.processor == "sandbox" else [])
    program = [sys.executable, "-m", "flask", "--app", "wsgi"]
    children = [
        subprocess.Popen([*program, command], cwd=ROOT, start_new_session=True) for command in commands
    ]
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(0.3):
        ended = [child for child in children if child.poll() is not None]
        if ended:
            click.echo(f"a process ended by itself (exit {ended[0].returncode}); stopping all", err=True)
            break
    _stop(children)
    sys.exit(0 if stopped.is_set() else 1)


def _require_free(host: str, port: int) -> None:
    """Two servers could share a port without a word, and each get half of the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} of {host} is in use; is another `make run` on? Set PORT to another one"
            ) from error


def _stop(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


COMMANDS = [serve, sandbox, worker, run_all]
