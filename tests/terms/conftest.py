"""A service whose terms are about to change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.terms.model import Acceptance
from tests.support.desk import Desk
from tests.support.versions import publish, serve, terms_folder

NEXT = "2027-01"


@dataclass
class Changing:
    """A service whose next terms take effect in an hour."""

    desk: Desk
    effective: datetime
    folder: Path

    def later(self) -> time_machine.travel:
        return time_machine.travel(self.effective + timedelta(minutes=1))

    def accepted(self) -> list[tuple[str, str]]:
        self.desk.session.rollback()
        rows = self.desk.session.scalars(select(Acceptance).order_by(Acceptance.id))
        return [(row.version, row.locale) for row in rows]


@pytest.fixture
def about_to_change(desk: Desk, tmp_path: Path) -> Changing:
    folder = terms_folder(tmp_path)
    effective = clock.now().replace(microsecond=0) + timedelta(hours=1)
    serve(desk, publish(folder, NEXT, effective), folder)
    return Changing(desk, effective, folder)


@pytest.fixture
def changing(about_to_change: Changing) -> Iterator[Changing]:
    """And in the end nothing is broken."""
    yield about_to_change
    assert about_to_change.desk.broken() == []
