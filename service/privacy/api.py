"""``/api/v1/desk/privacy``: take in requests, read their record, fetch a copy, lift a restriction."""

from typing import Any

from flask import Response, jsonify, make_response

from service.db import db, transaction
from service.errors import NotFound
from service.privacy import certificates, records, requests
from service.privacy.gather import gather
from service.privacy.model import PrivacyRequest
from service.privacy.requests import Asked
from service.privacy.schemas import (
    CertificateAnswer,
    RequestAnswer,
    RequestBody,
    RequestsAnswer,
    RequestsQuery,
)
from service.staff import audit, fresh
from service.staff.permissions import HANDLE_PRIVACY, READ_PRIVACY
from service.web.access import caller, needs
from service.web.body import ApiBlueprint
from service.wiring import current_wiring

blueprint = ApiBlueprint(
    "privacy", __name__, url_prefix="/api/v1/desk/privacy", description="Requests of people about their data"
)


@blueprint.route("/requests", methods=["POST"])
@needs(HANDLE_PRIVACY)
@blueprint.arguments(RequestBody)
@blueprint.response(201, RequestAnswer)
def take_in(asked: Asked) -> dict[str, Any]:
    """Take in a request. By reference it is carried out at once; by e-mail once the link that is
    sent there is confirmed (state ``awaiting_confirmation``)."""
    fresh.require_fresh(None)
    return _told(requests.receive(db.session, asked, caller().id, current_wiring()))


@blueprint.route("/requests")
@needs(READ_PRIVACY)
@blueprint.arguments(RequestsQuery, location="query")
@blueprint.response(200, RequestsAnswer)
def list_requests(query: dict[str, int]) -> dict[str, Any]:
    """Requests: those that wait first, by their deadline, then the newest."""
    return {"items": [_told(row) for row in records.listing(db.session, query["limit"])]}


@blueprint.route("/requests/<key:request_id>")
@needs(READ_PRIVACY)
@blueprint.response(200, RequestAnswer)
def show_request(request_id: str) -> dict[str, Any]:
    """The record of one request."""
    return _told(records.get(db.session, request_id))


@blueprint.route("/requests/<key:request_id>/export")
@needs(HANDLE_PRIVACY)
@blueprint.response(200, {"type": "object"}, description="All that is known of the person")
def fetch_copy(request_id: str) -> Response:
    """The copy that a request asked for, made now: no file of it is kept. 404 once three days
    have passed; ask again then."""
    fresh.require_fresh(None)
    return copy_of(request_id)


@blueprint.route("/requests/<key:request_id>/lift", methods=["POST"])
@needs(HANDLE_PRIVACY)
@blueprint.response(200, RequestAnswer)
def lift_restriction(request_id: str) -> dict[str, Any]:
    """End the restriction that a request brought."""
    fresh.require_fresh(None)
    return _told(requests.lift(db.session, request_id, caller().id, current_wiring()))


@blueprint.route("/certificates/<string:number>")
@needs(READ_PRIVACY)
@blueprint.response(200, CertificateAnswer)
def show_certificate(number: str) -> dict[str, Any]:
    """What was removed or withheld, when, and how much in each store."""
    return certificates.describe(certificates.get(db.session, number))


def copy_of(request_id: str) -> Response:
    """The copy as a download. Raises NotFound where there is none to be fetched (any more)."""
    row = records.get(db.session, request_id)
    if not records.may_be_copied(row):
        raise NotFound
    told = gather(db.session, row, current_wiring())
    with transaction(db.session):
        details = {"contributions": len(told["contributions"])}
        audit.record(db.session, caller().id, "privacy.copy_fetched", request_id, details)
    response = make_response(jsonify(told))
    response.headers["Content-Disposition"] = f'attachment; filename="privacy-{request_id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(row: PrivacyRequest) -> dict[str, Any]:
    return records.describe(row, with_proof=HANDLE_PRIVACY in caller().permissions)
