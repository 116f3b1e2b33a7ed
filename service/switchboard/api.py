"""``/api/v1/desk/feature``: the switch for programs."""

from typing import Any

from flask import Response, jsonify

from service.controls.turning import Change
from service.db import db, transaction
from service.staff.permissions import READ_SWITCH, TURN_SWITCH
from service.switchboard import describe
from service.switchboard.schemas import SwitchAnswer, SwitchBody, SwitchesAnswer
from service.switchboard.turn import read_scope, turn
from service.web.access import caller, needs
from service.web.body import ApiBlueprint
from service.wiring import current_wiring

blueprint = ApiBlueprint("switch", __name__, url_prefix="/api/v1/desk", description="The switch")


@blueprint.route("/feature")
@needs(READ_SWITCH)
@blueprint.response(200, SwitchesAnswer)
def list_switches() -> Response:
    """Every scope that was ever set, with what its latest closing did."""
    return jsonify(items=[standing.answer() for standing in describe.every(db.session)])


@blueprint.route("/feature", methods=["PUT"])
@needs(TURN_SWITCH)
@blueprint.arguments(SwitchBody)
@blueprint.response(200, SwitchAnswer)
def turn_switch(body: dict[str, Any]) -> Response:
    """Open or close everything, a section or an article, at once or at a time (clause 4.3)."""
    scope = read_scope(db.session, body.pop("scope"), current_wiring())
    with transaction(db.session):
        turn(db.session, Change(scope=scope, **body), caller().id)
    return jsonify(describe.one(db.session, scope).answer())
