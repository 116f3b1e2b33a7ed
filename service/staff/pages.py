"""``/desk``: the door to the rooms that a caller may enter."""

from flask import Blueprint, render_template

from service.staff.permissions import ENTER_DESK, READ_FINANCE, READ_QUEUE
from service.web.access import caller, needs

blueprint = Blueprint("desk", __name__, template_folder="templates")


@blueprint.get("/desk")
@needs(ENTER_DESK)
def index() -> str:
    """The rooms of the desk."""
    held = caller().permissions
    return render_template("staff/desk.html", moderation=READ_QUEUE in held, finance=READ_FINANCE in held)
