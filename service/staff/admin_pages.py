"""``/desk/admin``: what needs attention, and the staff in numbers."""

from flask import Blueprint, render_template

from service.db import db
from service.staff import accounts, attention, chain, tokens
from service.staff.permissions import READ_ADMINISTRATION, ROLES
from service.staff.words import ROLE_WORDS
from service.web.access import needs

blueprint = Blueprint("admin_desk", __name__, template_folder="templates")


@blueprint.get("/desk/admin")
@needs(READ_ADMINISTRATION)
def home() -> str:
    """The administration at a glance."""
    people = accounts.list_people(db.session)
    active = [person for person in people if person.active]
    return render_template(
        "staff/admin/home.html",
        notices=attention.notices(db.session),
        chain=chain.state(db.session),
        active=len(active),
        inactive=len(people) - len(active),
        by_role=[
            (ROLE_WORDS[name], sum(name in accounts.roles_of(person) for person in active)) for name in ROLES
        ],
        tokens=sum(token.revoked_at is None for token in tokens.list_tokens(db.session)),
    )
