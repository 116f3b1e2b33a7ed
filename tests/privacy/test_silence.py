"""Logs, metrics, error answers, the outbox and the audit trail name nobody (clause 5.1), whatever happens."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from service.app import create_app
from service.db import db
from service.jobs import effects
from service.outbox.model import OutboxRow
from service.staff.model import AuditEntry
from service.web import logging
from tests.conftest import environment
from tests.privacy.people import (
    API,
    ARTICLE,
    EMAIL,
    HINT,
    MESSAGE,
    NAME,
    PLANTED,
    ask,
    asked,
    by_email,
    given,
    published,
    send_mails,
)
from tests.support.desk import Desk, gift
from tests.support.forms import filled, send

pytestmark = pytest.mark.clause("5.1")

HERS = {"display_name": NAME, "email": EMAIL, "message": MESSAGE, "article": ARTICLE}


@pytest.fixture
def before() -> Iterator[None]:
    """How logging was set up, given back after a test that changes it."""
    known = structlog.get_config()
    yield
    structlog.configure(**known)


def named(text: str) -> list[str]:
    return [word for word in (*PLANTED, "melati") if word in text.lower()]


def errors_of(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Requests that go wrong in every way, with her words in them; the answers."""
    client, key = desk.client, {"Idempotency-Key": "k"}
    post = client.post
    answers = [
        post("/api/v1/contributions", json=gift(**HERS, amount="1"), headers=key),
        post(
            "/api/v1/contributions", json=gift(**HERS, terms={"version": NAME, "accepted": True}), headers=key
        ),
        post("/api/v1/contributions", json=gift(**{**HERS, "message": MESSAGE * 50}), headers=key),
        post("/api/v1/contributions", json=gift(**{**HERS, "email": f"{EMAIL} x"}), headers=key),
        post("/api/v1/contributions", json={**gift(**HERS), "unknown": NAME}, headers=key),
        post("/api/v1/contributions", data=f'{{"display_name": "{NAME}"', headers=key),
        post(
            "/api/v1/contributions",
            json=gift(**{**HERS, "message": f"{MESSAGE} 4111 1111 1111 1111"}),
            headers=key,
        ),
        client.get(f"/api/v1/wall?article=https://evil.example/{NAME}"),
        client.get(f"/api/v1/{NAME}?email={EMAIL}"),
        client.get(f"/api/v1/desk/contributions/{NAME}", headers=desk.headers("admin")),
        post("/webhooks/sandbox", data=json.dumps({"payer": {"name": NAME, "email": EMAIL}})),
        post("/webhooks/nobody", data=json.dumps({"payer": EMAIL})),
        ask(desk, "erase", email=EMAIL, proof=f"surat dari {EMAIL}"),
        ask(desk, "correct", email=EMAIL, display_name=NAME * 9),
        ask(desk, "erase", reference=NAME[:20]),
    ]
    for broken in ("service.contributions.give._store", "service.contributions.answers.of"):
        with monkeypatch.context() as patched:
            patched.setattr(broken, _bug)
            answers.append(
                post("/api/v1/contributions", json=gift(**HERS), headers={"Idempotency-Key": broken})
            )
    return answers


def _bug(*given: Any, **_: Any) -> None:
    raise ValueError(f"cannot store {MESSAGE} of {NAME} <{EMAIL}>: {given}")


@pytest.mark.clause("5.1")
def test_clause_5_1_nothing_that_is_written_down_names_the_person(
    desk: Desk, before: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A whole life of data: given by API and form, paid, decided, disputed, exported, asked about
    in every way, erased; with refusals, bugs, broken webhooks and mails that cannot be sent."""
    logging.configure("DEBUG")  # to standard error, as in production
    public = published(desk, **HERS)
    desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    page = send(desk.client, display_name=NAME, email=EMAIL, message=MESSAGE)
    assert page.status_code == 303
    assert send(desk.client, display_name=NAME, amount="1", message=MESSAGE).status_code == 422
    assert filled(desk.client)["terms_version"]
    waits = given(desk)
    desk.decide(desk.message_id(waits["id"]), "reject", reason="spam", note=f"dari {NAME}")
    desk.client.get("/api/v1/desk/moderation/queue?text=kembang", headers=desk.headers("moderator"))
    desk.export(rows="contributions")
    answers = errors_of(desk, monkeypatch)
    assert {it.status_code for it in answers} >= {400, 404, 422, 500}
    assert [it.status_code for it in answers].count(500) == 2
    with monkeypatch.context() as patched:
        patched.setattr("service.mail.folder.lay", _bug)
        asked(desk, "export", email=EMAIL)
        assert send_mails(desk) == 0
    told = by_email(desk, "correct", display_name="Melati", new_email=EMAIL)
    assert told["state"] == "done"
    asked(desk, "restrict", reference=public["reference"])
    for kind in ("export", "withdraw", "erase"):
        found = by_email(desk, kind) if kind == "export" else asked(desk, kind, reference=public["reference"])
        assert found["state"] == "done"
    desk.command("retention", "--dry-run")
    desk.command("check")
    metrics = desk.client.get("/metrics").text
    logged = "".join(capfd.readouterr())
    assert '"event": "request"' in logged
    assert '"event": "unhandled_error"' in logged
    assert '"event": "effect_failed"' in logged
    assert named(logged) == []
    assert named(metrics) == []
    assert [it.text for it in answers if named(it.text)] == []
    assert [str(it.headers) for it in answers if named(str(it.headers))] == []
    desk.session.rollback()
    assert named(str([(it.subject, it.details) for it in desk.session.scalars(select(AuditEntry))])) == []
    assert (
        named(str([(it.subject, it.data, it.last_error) for it in desk.session.scalars(select(OutboxRow))]))
        == []
    )
    assert desk.look(public["id"])["message_state"] == "erased"


def test_the_search_above_can_fail(
    desk: Desk, before: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A line that names her is found: as if an error were logged with its message."""
    logging.configure("DEBUG")
    monkeypatch.setattr("service.web.errors._places", lambda error: [str(error)])
    errors_of(desk, monkeypatch)
    assert named("".join(capfd.readouterr())) != []


def test_the_worker_says_no_more_than_the_kind_of_what_failed(
    desk: Desk, before: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.configure("DEBUG")
    given(desk)
    asked(desk, "erase", email=EMAIL)
    monkeypatch.setattr("service.privacy.letters.render_template", _bug)
    send_mails(desk)
    monkeypatch.undo()
    logged = "".join(capfd.readouterr())
    assert "ValueError" in logged
    assert named(logged) == []
    desk.session.rollback()
    own = select(OutboxRow.last_error).where(OutboxRow.subject.startswith("privacy:"))
    assert desk.session.scalars(own).all() == ["ValueError"]
    assert "mail" in effects.EFFECTS


def test_no_route_carries_personal_data_in_its_address(desk: Desk) -> None:
    """ASVS 14: addresses end up in histories and proxies' logs."""
    rules = [rule.rule for rule in desk.app.url_map.iter_rules()]
    of_people = [rule for rule in rules if not rule.endswith((".css", ".js"))]
    assert not [
        rule for rule in of_people if re.search("email|name|message_text", rule.replace("filename", ""))
    ]


def test_an_answer_about_a_person_is_not_kept_by_caches(desk: Desk) -> None:
    told = asked(desk, "export", reference=published(desk)["reference"])
    for path in (
        f"{API}/requests",
        f"{API}/requests/{told['id']}/export",
        f"/desk/admin/privacy/{told['id']}",
    ):
        response = desk.client.get(path, headers=desk.headers("admin"))
        assert response.headers["Cache-Control"] == "no-store", path


def test_a_started_service_logs_none_of_its_secrets(
    desk: Desk, before: None, capfd: pytest.CaptureFixture[str]
) -> None:
    url = desk.app.extensions["settings"].database_url
    secrets = {"APRESIASI_SMTP_URL": "smtp://u:rahasiaku@mail.example", "APRESIASI_LOG_LEVEL": "DEBUG"}
    app = create_app(environ=environment(url, APRESIASI_MAIL_FROM="a@b.example", **secrets))
    app.test_client().get("/healthz")
    with app.app_context():
        db.engine.dispose()
    assert "rahasiaku" not in "".join(capfd.readouterr())
    assert HINT
