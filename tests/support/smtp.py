"""A mail server for tests: takes mails by SMTP on a free port, and can refuse them."""

import contextlib
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from types import TracebackType


@dataclass
class Taken:
    """A mail as it came in: its envelope and its bytes."""

    sender: str
    recipients: list[str]
    content: bytes


class MailServer:
    """Listens while the block runs; ``answers`` are said to the next recipients instead of 250,
    ``to_mails`` to the next mails and ``to_quit`` to every goodbye; ``connections`` counts who came."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.mails: list[Taken] = []
        self.answers: list[str] = []
        self.to_mails: list[str] = []
        self.to_quit = "221 bye"
        self.connections = 0
        self._server = _Server((host, 0), _Session)
        self._server.keeper = self
        self.url = f"smtp://{host}:{self._server.server_address[1]}"

    def __enter__(self) -> "MailServer":
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    keeper: MailServer


@dataclass
class _Envelope:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


class _Session(StreamRequestHandler):
    """One connection: as much of RFC 5321 as a client needs to hand over mails."""

    server: _Server

    def handle(self) -> None:
        self.server.keeper.connections += 1
        self._say("220 test")
        envelope = _Envelope()
        with contextlib.suppress(ConnectionError):
            while line := self.rfile.readline().decode().strip():
                verb = line.split(":")[0].split(" ")[0].upper()
                if verb == "QUIT":
                    self._say(self.server.keeper.to_quit)
                    return
                envelope = self._answer(verb, line, envelope)

    def _answer(self, verb: str, line: str, envelope: _Envelope) -> _Envelope:
        keeper = self.server.keeper
        if verb == "MAIL":
            envelope = _Envelope(_inner(line))
        elif verb == "RCPT":
            if keeper.answers:
                self._say(keeper.answers.pop(0))
                return envelope
            envelope.recipients.append(_inner(line))
        elif verb == "DATA":
            self._say("354 go on")
            if keeper.to_mails:
                self._content()
                self._say(keeper.to_mails.pop(0))
                return envelope
            keeper.mails.append(Taken(envelope.sender, envelope.recipients, self._content()))
        self._say("250 fine")
        return envelope

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


def _inner(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
