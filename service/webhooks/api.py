"""``POST /webhooks/{processor}``: verify, record once, apply, answer."""

from flask import Blueprint, Response, jsonify, request

from service.db import db
from service.web.access import public
from service.webhooks import inbox
from service.wiring import current_wiring

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/<processor>")
@public
def receive(processor: str) -> Response:
    """A processor's event: the signature over the raw body says who it is from."""
    wiring = current_wiring()
    adapter = wiring.processors.get(processor)
    body = request.get_data()
    event = adapter.read_event(dict(request.headers), body)
    return jsonify(status=inbox.receive(db.session, processor, event, body, wiring))
