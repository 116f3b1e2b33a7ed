"""``/desk``: the door to the rooms that a caller may enter."""

from flask import Blueprint, render_template

from service.staff.permissions import ENTER_DESK
from service.web.access import needs

blueprint = Blueprint("desk", __name__, template_folder="templates")


@blueprint.get("/desk")
@needs(ENTER_DESK)
def index() -> str:
    """The rooms of the desk."""
    return render_template("staff/desk.html")
