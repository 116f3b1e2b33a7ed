"""What runs by itself: one worker at a time, checks that find what is broken, readiness."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from huey import MemoryHuey
from sqlalchemy import select, text

from service import clock
from service.config import Settings
from service.contributions.model import Contribution, Message
from service.environment import ConfigError
from service.finance.fetch import Scope
from service.jobs import check, lease, reconciling, worker
from service.jobs.schedule import SCHEDULES, run
from service.jobs.worker import make_queue, run_schedule
from service.web import logging
from tests.support.desk import Desk


def test_a_schedule_runs_for_one_worker_at_a_time(desk: Desk) -> None:
    with lease.held(desk.session, "x", 60) as first, lease.held(desk.session, "x", 60) as second:
        assert (first, second) == (True, False)
    with lease.held(desk.session, "x", 60) as third:
        assert third
    assert lease.last_run(desk.session, "x") is not None


def test_the_lease_of_a_worker_that_died_ends(desk: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert lease._take(desk.session, "x", "dead", 60)
        assert not lease._take(desk.session, "x", "other", 60)
        traveller.shift(timedelta(seconds=61))
        assert lease._take(desk.session, "x", "other", 60)


def test_a_late_worker_does_not_end_the_lease_of_the_next(desk: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        with lease.held(desk.session, "x", 60) as mine:
            assert mine
            traveller.shift(timedelta(seconds=61))
            assert lease._take(desk.session, "x", "next", 60)
        assert not lease._take(desk.session, "x", "third", 60)


def test_every_schedule_runs(desk: Desk) -> None:
    desk.paid()
    for schedule in SCHEDULES:
        assert run(desk.session, desk.wiring, schedule)
    assert desk.export()[0]["sequence"] == "1"


def test_a_job_that_breaks_does_not_end_the_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jobs.worker.run", lambda *_: 1 / 0)
    run_schedule(desk.app, SCHEDULES[0])


def test_queues_are_named_by_their_address(tmp_path: object) -> None:
    assert make_queue(Settings.from_environment({"APRESIASI_QUEUE_URL": "memory://"})).name == "apresiasi"
    with pytest.raises(ConfigError, match="QUEUE_URL"):
        make_queue(Settings.from_environment({"APRESIASI_QUEUE_URL": "amqp://x"}))


def findings(desk: Desk) -> dict[str, list[str]]:
    desk.session.rollback()
    return {found.invariant: found.ids for found in check.run(desk.session, desk.wiring) if found.broken}


def unprotected(desk: Desk, statement: str) -> None:
    desk.session.rollback()
    if desk.database == "postgresql":
        desk.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        names = (
            desk.session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            .scalars()
            .all()
        )
        for name in names:
            desk.session.execute(text(f"DROP TRIGGER {name}"))
    desk.session.execute(text(statement))
    desk.session.commit()


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE amount_minor > 0", "entries_balance"),
        ("UPDATE movement SET net_minor = net_minor + 1", "net_is_gross_less_fee"),
        ("UPDATE movement_sequence SET sequence = sequence + 5 WHERE sequence = 2", "sequence_is_gapless"),
        ("DELETE FROM payment_fact WHERE kind = 'succeeded'", "movements_have_facts"),
        ("UPDATE payment_fact SET amount_minor = 1 WHERE kind = 'succeeded'", "facts_are_booked"),
        ("UPDATE payment_fact SET fee_minor = fee_minor + 1 WHERE kind = 'settled'", "fees_are_the_facts"),
        ("UPDATE payment_fact SET kind = 'refunded' WHERE kind = 'settled'", "facts_are_booked"),
        (
            "INSERT INTO payment_fact (contribution_id, attempt_id, processor, kind, ref, amount_minor, fee_minor,"
            " occurred_at, recorded_at) SELECT contribution_id, attempt_id, processor, 'denied', ref, amount_minor, 0,"
            " occurred_at, recorded_at FROM payment_fact WHERE kind = 'succeeded'",
            "denied_payments_went_back",
        ),
        (
            "UPDATE payment_fact SET kind = 'refunded', amount_minor = amount_minor + 1 WHERE kind = 'settled'",
            "reversals_within_payment",
        ),
        ("UPDATE movement_settlement SET currency = 'USD'", "exchanges_are_booked"),
        (
            "UPDATE processor_row SET fee_minor = fee_minor + 1, fetched_at = '2026-01-01 00:00:00'",
            "books_agree_with_processor",
        ),
        ("UPDATE contribution SET status = 'failed'", "status_follows_facts"),
        ("UPDATE contribution SET paid_at = NULL", "public_is_paid"),
        ("UPDATE message SET state = 'held'", "queued_is_paid"),
        ("UPDATE contribution SET amount_minor = amount_minor + 1", "amounts_are_whole"),
        ("UPDATE acceptance SET sha256 = 'x'", "acceptances_match_published_terms"),
        ("DELETE FROM decision", "published_by_a_moderator"),
        ("UPDATE received_event SET status = 'lost'", "events_have_a_known_status"),
        ("UPDATE audit_entry SET action = 'x' WHERE sequence = 1", "audit_chain_verifies"),
        ("UPDATE payout SET amount_minor = amount_minor + 1", "payouts_add_up"),
    ],
)
def test_what_is_broken_is_found(desk: Desk, statement: str, invariant: str) -> None:
    desk.published()
    desk.sandbox.control(payout=True)
    desk.deliver_all()
    desk.export()
    reconciling.run_one(desk.session, Scope("sandbox", payout_ref=desk.payout()), desk.sandbox)
    assert findings(desk) == {}
    unprotected(desk, statement)
    found = findings(desk)
    assert invariant in found
    assert found[invariant]


def test_a_missing_trigger_is_found(desk: Desk) -> None:
    assert findings(desk) == {}
    desk.session.rollback()
    postgresql = desk.database == "postgresql"
    trigger = "posting_append_only ON posting" if postgresql else "posting_no_update"
    desk.session.execute(text(f"DROP TRIGGER {trigger}"))
    found = check.run(desk.session, desk.wiring)
    assert [(it.invariant, it.ids) for it in found if it.broken] == [("append_only_is_enforced", ["posting"])]
    desk.session.rollback()


def test_readiness_tells_what_is_missing(desk: Desk) -> None:
    ready = desk.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["worker"]) == (200, "no heartbeat yet")
    run(desk.session, desk.wiring, SCHEDULES[0])
    assert desk.client.get("/readyz").get_json()["checks"]["worker"] == "ok"
    desk.session.rollback()
    desk.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    desk.session.commit()
    behind = desk.client.get("/readyz")
    assert (behind.status_code, behind.get_json()["checks"]["migrations"]) == (503, "not at head")
    desk.session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    desk.session.commit()
    assert desk.client.get("/healthz").get_json() == {"status": "ok"}


def test_the_sweep_job_leaves_young_attempts_to_their_webhooks(desk: Desk) -> None:
    sweep = next(schedule for schedule in SCHEDULES if schedule.name == "sweep")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        answer = desk.given()
        desk.sandbox.choose(answer["checkout_url"], "pay")
        desk.sandbox.take_deliveries()
        run(desk.session, desk.wiring, sweep)
        assert desk.look(answer["id"])["status"] == "awaiting_payment"
        traveller.shift(timedelta(seconds=61))
        run(desk.session, desk.wiring, sweep)
        assert desk.look(answer["id"])["status"] == "paid"


@pytest.mark.clause("5.1")
def test_nothing_personal_is_logged_on_the_way(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    logging.configure("DEBUG")
    try:
        answer = desk.published(
            email="planted@example.com", message="planted words", display_name="Planted Name"
        )
        desk.give(message="4242 4242 4242 4242")
        desk.client.get("/contribute?article=https://planted.example/")
        desk.token("admin")
    finally:
        logging.configure("CRITICAL")
    logged = capfd.readouterr().err
    assert '"event": "request"' in logged
    for planted in (
        "planted",
        "Planted",
        "4242 4242",
        "42424242",
        answer["id"],
        answer["reference"],
        desk.token("admin"),
    ):
        assert planted not in logged
    assert desk.session.scalar(select(Message.id)) is not None
    assert desk.session.scalar(select(Contribution.id)) is not None


def test_the_outbox_is_worked_off_before_the_schedules_ran(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    order: list[str] = []
    monkeypatch.setattr(worker, "_work_off", lambda *_: order.append("outbox"))
    monkeypatch.setattr(worker, "run_schedule", lambda _app, schedule: order.append(schedule.name))
    monkeypatch.setattr(MemoryHuey, "create_consumer", lambda *_a, **_k: SimpleNamespace(run=lambda: None))
    worker.run_worker(desk.app)
    assert order[0] == "outbox"
    assert len(set(order)) == 1 + len(SCHEDULES)
