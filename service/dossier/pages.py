"""``/desk/contributions``: find a contribution by its reference, and read what your roles may see."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db
from service.dossier.by_role import told_to
from service.dossier.everything import everything, find
from service.dossier.words import word
from service.errors import NotFound
from service.staff import accounts
from service.staff.permissions import MAKE_EVIDENCE, READ_CONTRIBUTIONS, READ_HISTORY
from service.web.access import caller, needs
from service.web.language import current

blueprint = Blueprint("dossier_desk", __name__, template_folder="templates")


@blueprint.get("/desk/contributions")
@needs(READ_CONTRIBUTIONS)
def search() -> ResponseReturnValue:
    """A form for a reference; one that is known leads to its contribution."""
    typed = request.args.get("reference", "")
    return show(typed) if typed.strip() else render_template("dossier/search.html", typed="")


@blueprint.get("/desk/contributions/<string:reference>")
@needs(READ_CONTRIBUTIONS)
def show(reference: str) -> ResponseReturnValue:
    """One contribution under its own reference; the form again for one that nobody has."""
    try:
        contribution = find(db.session, reference)
    except NotFound as unknown:
        return render_template("dossier/search.html", typed=reference, unknown=True), unknown.status
    address = url_for("dossier_desk.show", reference=contribution.reference)
    if request.path != address:
        return redirect(f"{address}?lang={current()}", 303)
    permissions = caller().permissions
    told = told_to(permissions, everything(db.session, contribution))
    deciders = [row["by"] for row in told.get("decisions", []) if "by" in row]
    return render_template(
        "dossier/contribution.html",
        told=told,
        word=word,
        names=accounts.names_of(db.session, deciders),
        may_make_evidence=MAKE_EVIDENCE in permissions,
        may_read_history=READ_HISTORY in permissions,
    )
