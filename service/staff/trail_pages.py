"""``/desk/admin/audit``: the trail with its filters and the state of its chain, and files of it."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from service.clock import rfc3339
from service.db import db
from service.errors import Refusal
from service.plain_text import neutralise
from service.staff import accounts, chain, trail
from service.staff.api import as_item
from service.staff.model import AuditEntry
from service.staff.permissions import READ_AUDIT
from service.staff.schemas import AuditQuery, ExportQuery, filters
from service.staff.trail import Filters
from service.web.access import needs
from service.web.body import load
from service.web.errors import problem

blueprint = Blueprint("trail_desk", __name__, template_folder="templates")
_HOME = "/desk/admin/audit"
_FILTERS = ("actor", "action", "subject", "from", "to")
_COLUMNS = ("sequence", "at", "actor", "action", "subject", "details", "hash")


@blueprint.get(_HOME)
@needs(READ_AUDIT)
def show_trail() -> ResponseReturnValue:
    """A page of the trail, newest first."""
    asked, refusal = _asked(*_FILTERS, "cursor", "verify"), None
    try:
        query = load(AuditQuery(), asked)
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
    query = load(ExportQuery(), _asked(*_FILTERS, "format"))
    kind = query["format"]
    lines = (_csv if kind == "csv" else _json_lines)(filters(query))
    response = Response(stream_with_context(lines))
    response.content_type = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    return response


def _asked(*names: str) -> dict[str, str]:
    """What the address asks for, without empty fields; an e-mail address stands for its account."""
    asked = {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}
    for name in ("actor", "subject"):
        person = accounts.find(db.session, asked[name]) if "@" in asked.get(name, "") else None
        if person is not None:
            asked[name] = f"staff:{person.id}"
    return asked


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
