"""``/desk/finance``: choose a period, download its movements."""

from datetime import date, timedelta

from flask import Blueprint, render_template

from service import clock
from service.staff.permissions import READ_FINANCE
from service.web.access import needs

blueprint = Blueprint("finance_desk", __name__, template_folder="templates")


@blueprint.get("/desk/finance")
@needs(READ_FINANCE)
def finance_desk() -> str:
    """A form over the export, with this month filled in."""
    today = clock.jakarta_date(clock.now())
    return render_template("finance/desk.html", first=today.replace(day=1), last=_month_end(today))


def _month_end(day: date) -> date:
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return next_month - timedelta(days=1)
