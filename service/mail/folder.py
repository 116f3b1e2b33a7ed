"""The folder into which mails are laid while no mail server is set up; never in production."""

from collections.abc import Collection
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

from service.mail.letter import plain

KEPT = timedelta(days=7)


def lay(folder: Path, message: EmailMessage) -> None:
    """Write a mail under the name of its Message-ID: sent twice, it lies there once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    part = folder / f"{name}.part"
    try:
        part.write_bytes(message.as_bytes())
        part.chmod(0o600)
        part.replace(folder / f"{name}.eml")
    except OSError:
        part.unlink(missing_ok=True)
        raise


def forget(folder: Path, addresses: Collection[str]) -> int:
    """Delete the mails to these addresses, and what a crash left of mails to nobody knows whom;
    how many."""
    wanted = {plain(address) for address in addresses}
    found = [path for path in _mails(folder) if _is_torn(path) or plain(_recipient(path)) in wanted]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def forget_old(folder: Path, before: datetime, *, dry: bool = False) -> int:
    """Delete the mails that were laid here before a moment; how many (``dry``: would be)."""
    old = [path for path in _mails(folder) if path.stat().st_mtime < before.timestamp()]
    for path in old if not dry else ():
        path.unlink(missing_ok=True)
    return len(old)


def _mails(folder: Path) -> list[Path]:
    """Whole ones, and those that a crash kept from becoming whole."""
    return sorted(path for path in folder.glob("*") if path.suffix in (".eml", ".part"))


def _is_torn(path: Path) -> bool:
    """Whether not even the head of a mail is there."""
    return path.suffix == ".part" and b"\r\n\r\n" not in path.read_bytes()


def _recipient(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=SMTP)
    return parseaddr(str(message["To"]))[1]
