"""``apresiasi moderation``: what is done to the whole queue at once."""

from flask.cli import AppGroup

from service.cli.output import as_json as json_option
from service.cli.output import show
from service.db import db, end_reading, transaction
from service.moderation import flagging

group = AppGroup("moderation", help="The moderators' queue.")
COMMANDS = (group,)

_AT_A_TIME = 100


@group.command("rescreen")
@json_option
def rescreen(as_json: bool) -> None:
    """Screen every waiting message again, after the word lists have changed."""
    last, screened = "", 0
    while ids := flagging.waiting_after(db.session, last, _AT_A_TIME):
        end_reading(db.session)
        for id_ in ids:
            with transaction(db.session):
                flagging.rescreen(db.session, id_)
        last, screened = ids[-1], screened + len(ids)
    show({"screened": screened}, as_json)
