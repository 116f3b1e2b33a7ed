"""Every table of the service in one place, for migrations and the tests of them."""

from service.articles import model as articles
from service.contributions import model as contributions
from service.controls import model as controls
from service.db import Base
from service.finance import model as finance
from service.jobs import model as jobs
from service.moderation import model as moderation
from service.outbox import model as outbox
from service.privacy import model as privacy
from service.staff import model as staff
from service.terms import model as terms
from service.webhooks import model as webhooks

ROOMS = (
    articles,
    contributions,
    controls,
    finance,
    jobs,
    moderation,
    outbox,
    privacy,
    staff,
    terms,
    webhooks,
)
metadata = Base.metadata

# What only one of the databases has, by the beginning of its name: migrations make it (0004).
_OF_ONE_DATABASE = ("message_search", "ix_message_text_")


def is_compared(_object: object, name: str | None, *_: object) -> bool:
    """Whether Alembic compares a table or index with the models."""
    return not (name or "").startswith(_OF_ONE_DATABASE)
