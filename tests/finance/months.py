"""How a month is looked at and closed in tests."""

from datetime import UTC, datetime
from typing import Any

from tests.support.desk import Desk

PERIODS = "/api/v1/desk/finance/periods"


def december(clock: Any, day: int = 5) -> None:
    clock.move_to(datetime(2026, 12, day, 3, tzinfo=UTC))


def look(desk: Desk, period: str = "2026-11") -> dict[str, Any]:
    response = desk.client.get(f"{PERIODS}/{period}", headers=desk.headers("finance"))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


def closing(desk: Desk, allocation: dict[str, Any], period: str = "2026-11", role: str = "finance") -> Any:
    return desk.client.post(
        f"{PERIODS}/{period}/close", json={"allocation": allocation}, headers=desk.headers(role)
    )


def thirds(continuity: str, content: str = "0", newsroom: str = "0") -> dict[str, Any]:
    return {
        "service_continuity": continuity,
        "content_development": content,
        "newsroom_operations": newsroom,
    }
