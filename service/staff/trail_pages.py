"""``/desk/admin/audit``: the trail with its filters and the state of its chain, and files of it."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from service.clock import rfc3339
from service.db import db, transaction
from service.errors import Refusal
from service.plain_text import neutralise
from service.staff import accounts, audit, chain, trail
from service.staff.api import as_item
from service.staff.model import AuditEntry
from service.staff.permissions import READ_AUDIT
from service.staff.schemas import AuditQuery, ExportQuery, filters
from service.staff.trail import Filters
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem

blueprint = Blueprint("trail_desk", __name__, template_folder="templates")
_HOME = "/desk/admin/audit"
_FILTERS = ("actor", "action", "subject", "from", "to")
_NO_ACCOUNT = "an address without account"
_COLUMNS = ("sequence", "at", "actor", "action", "subject", "details", "hash")


@blueprint.get(_HOME)
@needs(READ_AUDIT)
def show_trail() -> ResponseReturnValue:
    """A page of the trail, newest first."""
    asked, refusal = _asked(*_FILTERS, "cursor", "verify"), None
    try:
        query = load(AuditQuery(), asked)
        asked |= _stand_for_accounts(query)
    except Refusal as wrong:  # what was asked for is no list: say so above the plain one
        refusal, asked, query = wrong, {}, load(AuditQuery(), {})
    found, cursor = trail.page(db.session, filters(query), query["cursor"], query["limit"])
    page = render_template(
        "staff/admin/trail.html",
        entries=found,
        names=_names(found),
        readable=readable,
        next_cursor=cursor,
        asked=asked,
        kept={name: asked[name] for name in _FILTERS if name in asked},
        chain=chain.whole(db.session) if query["verify"] else chain.state(db.session),
        problem=problem(refusal) if refusal else None,
        actors=accounts.everybody(db.session),
    )
    return page, refusal.status if refusal else 200


@blueprint.get(f"{_HOME}/export")
@needs(READ_AUDIT)
def export_trail() -> Response:
    """All entries that the filters leave, as CSV or as JSON Lines."""
    asked = _asked(*_FILTERS, "format")
    query = load(ExportQuery(), asked)
    asked |= _stand_for_accounts(query)
    kind = query["format"]
    with transaction(db.session):
        audit.record(db.session, caller().id, "audit.exported", "audit", {"format": kind, **_told(asked)})
    lines = (_csv if kind == "csv" else _json_lines)(filters(query))
    response = Response(stream_with_context(lines))
    response.content_type = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    return response


def _asked(*names: str) -> dict[str, str]:
    """What the address asks for, without empty fields."""
    return {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}


def _stand_for_accounts(query: dict[str, Any]) -> dict[str, str]:
    """Let an e-mail address in a loaded query stand for its account; what was changed."""
    changed = {}
    for name in ("actor", "subject"):
        person = accounts.find(db.session, query[name]) if "@" in (query[name] or "") else None
        if person is not None:
            changed[name] = f"staff:{person.id}"
    query.update(changed)
    return changed


def _told(asked: dict[str, str]) -> dict[str, str]:
    """The filters as the trail may keep them: no addresses."""
    return {name: _NO_ACCOUNT if "@" in value else value for name, value in asked.items()}


def _names(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """What those are called who act or are acted upon; a token's acts name its bare id."""
    bare = {entry.subject for entry in entries if entry.action.startswith("staff.token_")}
    named = {who for entry in entries for who in (entry.actor, entry.subject)}
    names = accounts.names_of(db.session, named | {f"token:{id_}" for id_ in bare})
    return names | {id_: names[f"token:{id_}"] for id_ in bare if f"token:{id_}" in names}


def readable(value: Any) -> str:
    """Details as a line: what was before and after first, then the rest by name."""
    if isinstance(value, dict):
        rest = dict(sorted(value.items()))
        first = []
        if {"before", "after"} <= set(rest):
            first = [f"{readable(rest.pop('before'))} → {readable(rest.pop('after'))}"]
        return "; ".join([*first, *(f"{name}: {readable(inner)}" for name, inner in rest.items())])
    if isinstance(value, list):
        return ", ".join(readable(inner) for inner in value)
    return "–" if value is None else str(value)


def _json_lines(chosen: Filters) -> Iterator[str]:
    for entry in trail.every(db.session, chosen):
        yield json.dumps(as_item(entry), ensure_ascii=False, sort_keys=True) + "\n"


def _csv(chosen: Filters) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\n"
    for entry in trail.every(db.session, chosen):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(_cells(entry))
        yield line.getvalue()


def _cells(entry: AuditEntry) -> list[str]:
    """Texts that no spreadsheet runs; the numbers and times are ours."""
    details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
    texts = [neutralise(text) for text in (entry.actor, entry.action, entry.subject, details)]
    return [str(entry.sequence), rfc3339(entry.at) or "", *texts, entry.hash]
