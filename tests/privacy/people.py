"""Somebody whose data can be recognised wherever it lies, and what staff do about it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from service.db import db
from service.jobs import effects
from tests.support.desk import Desk

API = "/api/v1/desk/privacy"
PROOF = "dipanggil kembali, kartu diperlihatkan"
NAME, EMAIL = "Kembang Sepatu Ungu", "kembang.ungu@contoh.example"
MESSAGE = "Salam wqxzjv dari lereng, hubungi tokoqxv.contoh.shop"
HINT = "Judul kiriman jvwqk"
NOTE = "catatan pkzqv tentang pengirim"
# Parts that nothing but these texts holds, whatever their case.
PLANTED = ("kembang", "wqxzjv", "tokoqxv", "jvwqk", "pkzqv")
ARTICLE = {"url": "https://kompas.com/kemensos/read/1", "title": HINT}


def given(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A paid contribution of hers, and its receipt is on its way."""
    her_own = {"display_name": NAME, "email": EMAIL, "message": MESSAGE, "article": ARTICLE}
    answer = desk.paid(**(her_own | changes))
    send_mails(desk)
    return answer


def published(desk: Desk, **changes: Any) -> dict[str, Any]:
    """The same with its message on the wall, and a note of the moderator's."""
    answer = given(desk, **changes)
    assert desk.decide(desk.message_id(answer["id"]), "publish", note=NOTE).status_code == 200
    return desk.look(answer["id"])


def ask(desk: Desk, kind: str, role: str = "admin", **body: Any) -> Any:
    """POST a request; the response."""
    body = {"kind": kind, "proof": PROOF, **body}
    return desk.client.post(f"{API}/requests", json=body, headers=desk.headers(role))


def asked(desk: Desk, kind: str, **body: Any) -> dict[str, Any]:
    """The same; the record of a request that was taken in."""
    response = ask(desk, kind, **body)
    assert response.status_code == 201, response.text
    told: dict[str, Any] = response.get_json()
    return told


def send_mails(desk: Desk) -> int:
    """The worker's turn."""
    desk.session.rollback()
    with desk.app.app_context():
        return effects.run_due(db.session, desk.wiring)


def mails(desk: Desk) -> list[str]:
    """The mails in the development folder, undone into text."""
    folder = desk.wiring.settings.mail_folder
    return [path.read_text() for path in sorted(folder.glob("*.eml"))]


def empty_mails(desk: Desk) -> None:
    for path in desk.wiring.settings.mail_folder.glob("*"):
        path.unlink()


def link_in(mail: str) -> str:
    """The path of the link in a mail."""
    joined = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
    found = re.search(r"http://localhost(/privacy/confirm/[^\s\"<>]+)", joined)
    assert found is not None, mail
    return found[1]


def by_email(desk: Desk, kind: str, **body: Any) -> dict[str, Any]:
    """A request by e-mail whose link was followed; its record."""
    empty_mails(desk)
    told = asked(desk, kind, email=EMAIL, **body)
    assert told["state"] == "awaiting_confirmation"
    assert send_mails(desk) == 1
    (mail,) = mails(desk)
    assert desk.client.post(link_in(mail)).status_code == 200
    return record(desk, told["id"])


def record(desk: Desk, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.client.get(
        f"{API}/requests/{request_id}", headers=desk.headers("admin")
    ).get_json()
    return found


def traces(desk: Desk, words: tuple[str, ...] = PLANTED) -> list[str]:
    """Where any of these words still stands: every table, the files of the database, all files."""
    return sorted({f"{place}: {word}" for place, said in _everything(desk) for word in words if word in said})


def _everything(desk: Desk) -> Iterator[tuple[str, str]]:
    desk.session.rollback()
    yield from tables(desk.session)
    settings = desk.wiring.settings
    for folder in (settings.export_folder, settings.mail_folder):
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file():
                yield path.name, _said(path)
    desk.session.rollback()
    if desk.database == "sqlite":
        file = Path(desk.session.get_bind().engine.url.database)
        for path in file.parent.glob(f"{file.name}*"):
            yield path.name, _said(path)


def tables(session: Session) -> Iterator[tuple[str, str]]:
    """Every table with all that its rows say, in lower case."""
    engine = session.get_bind()
    for name in inspect(engine).get_table_names():
        rows = session.execute(text(f'SELECT * FROM "{name}"')).all()
        yield name, str([tuple(_plain(it) for it in row) for row in rows]).lower()
    session.rollback()


def _plain(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _said(path: Path) -> str:
    return path.read_bytes().decode("latin-1").lower()
