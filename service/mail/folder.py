"""The folder into which mails are laid while no mail server is set up; never in production."""

from collections.abc import Collection
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

KEPT = timedelta(days=7)


def lay(folder: Path, message: EmailMessage) -> None:
    """Write a mail under the name of its Message-ID: sent twice, it lies there once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    part = folder / f"{name}.part"
    part.write_bytes(message.as_bytes())
    part.chmod(0o600)
    part.replace(folder / f"{name}.eml")


def forget(folder: Path, addresses: Collection[str]) -> int:
    """Delete the mails to these addresses; how many."""
    wanted = {address.casefold() for address in addresses}
    found = [path for path in _mails(folder) if _recipient(path).casefold() in wanted]
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
    return sorted(folder.glob("*.eml")) if folder.is_dir() else []


def _recipient(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=SMTP)
    return parseaddr(str(message["To"]))[1]
