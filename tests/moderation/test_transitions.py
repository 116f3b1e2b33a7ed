"""The one table of moves, as the contract has it."""

import pytest

from service.contributions.states import MessageState as State
from service.moderation.transitions import DECISIONS, Moderator, Standing, after, is_for_another

MOVES = {
    ("publish", State.PENDING): State.PUBLISHED,
    ("publish", State.REJECTED): State.PUBLISHED,
    ("publish", State.REMOVED): State.PUBLISHED,
    ("reject", State.PENDING): State.REJECTED,
    ("remove", State.PUBLISHED): State.REMOVED,
    ("escalate", State.PENDING): State.PENDING,
}


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("decision", [name for name in DECISIONS if name != "undo"])
def test_every_move_is_one_of_the_contract(decision: str, state: State) -> None:
    found = after(decision, Standing(state), actor="a")
    assert (found.state if found else None) == MOVES.get((decision, state))


def test_only_what_waits_is_escalated() -> None:
    for state in State:
        waits = state in (State.PENDING, State.PUBLISHED)
        assert bool(after("escalate", Standing(state), actor="a", reported=True)) is waits


def test_a_name_once_hidden_stays_so_until_it_is_said_otherwise() -> None:
    hidden = Standing(State.REMOVED, name_hidden=True)
    assert after("publish", hidden, actor="a").name_hidden is True
    assert after("publish", hidden, actor="a", hide_name=False).name_hidden is False
    assert after("reject", Standing(State.PENDING), actor="a", hide_name=True).name_hidden is False


def test_who_waits_for_whom() -> None:
    plain, lead = Moderator("a"), Moderator("b", leads=True)
    escalated, proposed = Standing(State.PENDING, escalated=True), Standing(State.PENDING, proposed_by="b")
    assert is_for_another(escalated, plain, has_leads=True)
    assert not is_for_another(escalated, plain, has_leads=False)
    assert not is_for_another(escalated, lead, has_leads=True)
    assert is_for_another(proposed, lead, has_leads=True)
    assert not is_for_another(proposed, plain, has_leads=True)
