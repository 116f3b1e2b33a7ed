"""The source has no verb, command, option, address, column or call for what the terms rule out.

Clauses 4.1 (nothing recurs), 4.2 (nothing is refunded) and 1.2 (nothing is given in return).
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from service import models
from service.config import ROOT
from service.processors import base
from service.terms.sent import ENTITLEMENT, RECURRENCE
from tests.support.desk import Desk

PROCESSORS = ROOT / "service" / "processors"
# What an adapter may call of Stripe's library, and where the others may POST to.
CALLS = {
    "checkout.sessions.create", "checkout.sessions.retrieve", "checkout.sessions.list", "checkout.sessions.expire",
    "balance_transactions.list", "charges.retrieve", "refunds.retrieve", "refunds.list", "disputes.retrieve", "disputes.list", "payouts.retrieve",
}  # fmt: skip
POSTS = {
    "/snap/v1/transactions", "/snap/v1/transactions/{}/cancel", "/v2/{}/expire", "/v1/checkouts", "/v1/checkouts/{}/expire",
}  # fmt: skip
VERBS = {
    "open_checkout", "find_checkout", "expire_checkout", "ask", "read_event", "refusal", "complete", "list_rows", "list_payout_rows",
    "explain_row",
}  # fmt: skip
# Parameters by which a processor would keep a card or repeat a payment.
KEEPING = {"setup_future_usage", "save_card", "save_payment_method", "off_session", "recurring", "subscription", "saved_token_id", "payment_method_save"}  # fmt: skip


def sources(*without: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PROCESSORS.rglob("*.py")):
        if path.name not in without:
            yield path, ast.parse(path.read_text())


def chain(node: ast.AST) -> str:
    """``client.v1.a.b`` of an expression, as it is written."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join(reversed(names))


def stripe_calls(tree: ast.Module) -> set[str]:
    chains = {chain(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    longest = {it for it in chains if not any(other.startswith(f"{it}.") for other in chains)}
    return {it.partition("v1.")[2] for it in longest if "v1." in it}


def posts(tree: ast.Module) -> set[str]:
    """Where ``.call("POST", …)`` goes, with ``{}`` for what is filled in."""
    return {
        "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in _parts(node.args[1]))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and getattr(node.args[0], "value", None) in ("POST", "PUT", "PATCH", "DELETE")
    }  # fmt: skip


def _parts(node: ast.expr) -> list[Any]:
    return list(node.values) if isinstance(node, ast.JoinedStr) else [node]


@pytest.mark.clause("4.1", "4.2")
def test_the_port_has_no_verb_for_it() -> None:
    verbs = {
        name
        for name, it in vars(base.Processor).items()
        if inspect.isfunction(it) and not name.startswith("_")
    }
    assert verbs == VERBS


@pytest.mark.clause("4.1", "4.2")
def test_no_adapter_calls_anything_else() -> None:
    called: set[str] = set()
    for path, tree in sources():
        called |= stripe_calls(tree)
        if path.parent.name != "sandbox" or path.name == "adapter.py":
            assert posts(tree) <= POSTS, path
    assert called == CALLS
    assert {it for it in called if it.endswith(("create", "update", "cancel"))} == {
        "checkout.sessions.create"
    }


@pytest.mark.clause("4.1")
def test_no_adapter_names_a_parameter_for_it() -> None:
    for path, tree in sources():
        words = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        words |= {
            it.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for it in node.keywords if it.arg
        }
        assert not KEEPING & words, path
    assert "mode" in (PROCESSORS / "stripe" / "adapter.py").read_text()


@pytest.mark.clause("1.2", "4.1")
def test_no_table_has_a_place_for_it() -> None:
    for table in models.metadata.sorted_tables:
        for column in table.columns:
            words = set(re.findall(r"[a-z]+", f"{table.name}_{column.name}"))
            assert not words & (RECURRENCE | ENTITLEMENT), f"{table.name}.{column.name}"


@pytest.mark.clause("1.2", "4.1", "4.2")
def test_no_command_and_no_option_asks_for_it(session_app: Flask) -> None:
    ruled_out = RECURRENCE | ENTITLEMENT | {"refund", "refunds", "publish-message", "approve"}
    for name, command in commands_of(session_app.cli.commands):
        words = {name.rpartition(" ")[2], *(opt.lstrip("-") for it in command.params for opt in it.opts)}
        assert not words & ruled_out, name


def commands_of(group: Mapping[str, click.Command], before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.items():
        if isinstance(command, click.Group):
            yield from commands_of(command.commands, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.clause("4.1", "4.2")
def test_no_address_does_it(session_app: Flask) -> None:
    for rule in session_app.url_map.iter_rules():
        if re.search(r"refund|subscri|recurr|mandate", rule.rule):
            assert rule.endpoint in ("contributions.refuse_refund", "status_pages.refuse_refund")


@pytest.mark.clause("1.2", "4.1", "4.2")
def test_no_call_of_the_api_takes_it(desk: Desk) -> None:
    document = desk.client.get("/api/v1/openapi.json").get_json()
    for name, schema in document["components"]["schemas"].items():
        if not name.startswith("Pagination"):
            for field in schema.get("properties", {}):
                words = set(re.findall(r"[a-z]+", field))
                assert not words & (RECURRENCE | ENTITLEMENT | {"refund", "refunds"}), f"{name}.{field}"
