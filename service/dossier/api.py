"""``/api/v1/desk/contributions``: one contribution for all staff, and evidence for a dispute."""

from typing import Any

from flask import Response, jsonify, render_template

from service.db import db, transaction
from service.dossier import evidence
from service.dossier.answers import printed
from service.dossier.by_role import told_to
from service.dossier.everything import everything, find
from service.dossier.schemas import DossierAnswer, EvidenceQuery
from service.dossier.words import word
from service.staff import audit
from service.staff.permissions import MAKE_EVIDENCE, READ_CONTRIBUTIONS
from service.web import language
from service.web.access import caller, needs
from service.web.body import ApiBlueprint
from service.wiring import current_wiring

blueprint = ApiBlueprint(
    "dossier",
    __name__,
    url_prefix="/api/v1/desk/contributions",
    description="Everything known of one contribution",
)


@blueprint.route("/<string:reference>")
@needs(READ_CONTRIBUTIONS)
@blueprint.response(200, DossierAnswer)
def show_contribution(reference: str) -> dict[str, Any]:
    """What is known of a contribution, found by its reference or id: each role its fields."""
    told = everything(db.session, find(db.session, reference))
    return printed(told_to(caller().permissions, told))


@blueprint.route("/<string:reference>/evidence")
@needs(MAKE_EVIDENCE)
@blueprint.arguments(EvidenceQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/html")
def make_evidence(query: dict[str, Any], reference: str) -> Response:
    """Evidence for a dispute as one self-contained HTML file, the same bytes for the same facts."""
    language.use(query["locale"])
    made = evidence.gather(db.session, find(db.session, reference), current_wiring().terms)
    with transaction(db.session):
        details = {"disputes": len(made.told["disputes"])}
        audit.record(db.session, caller().id, "finance.evidence_made", made.told["reference"], details)
    response = Response(render_template("dossier/evidence.html", made=made, told=made.told, word=word))
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return response


@blueprint.route("/<string:reference>/acceptances")
@needs(MAKE_EVIDENCE)
@blueprint.response(200, {"type": "object"}, content_type="application/json")
def export_acceptances(reference: str) -> Response:
    """What the reader accepted as one self-contained file: each text as it was shown, in the form
    that is hashed, with its hash. `apresiasi terms verify --file` reads it without a database."""
    told = evidence.of_acceptances(db.session, find(db.session, reference), current_wiring())
    response = jsonify(told)
    response.headers["Content-Disposition"] = f'attachment; filename="acceptances-{told["reference"]}.json"'
    return response
