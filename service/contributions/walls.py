"""The wall as readers may see it now: kept or hidden, as the switch says (clause 4.3)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.articles.address import Address
from service.contributions import queries
from service.contributions.queries import Wall
from service.controls import switches
from service.controls.settings import Setting
from service.errors import NotFound

_NOTHING = Wall((), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of an article's wall, which is empty while it is hidden, and the setting that says so."""

    wall: Wall
    setting: Setting

    @property
    def hidden(self) -> bool:
        return not self.setting.shows_walls


def show(session: Session, address: Address, limit: int, cursor: str | None = None) -> Shown:
    """The public messages of an article. Raises ValidationFailed for a cursor that is not ours."""
    setting = switches.current(session, address.key, address.section)
    wall = queries.wall(session, address.key, limit, cursor) if setting.shows_walls else _NOTHING
    return Shown(wall, setting)


def summary(session: Session, address: Address) -> tuple[int, int]:
    """How many contributions and public messages an article shows; none while its wall is hidden."""
    shown = switches.current(session, address.key, address.section).shows_walls
    return queries.summary(session, address.key) if shown else (0, 0)


def require_shown(session: Session, address: Address) -> None:
    """Raises NotFound while an article's wall is hidden, for its messages one by one."""
    if not switches.current(session, address.key, address.section).shows_walls:
        raise NotFound
