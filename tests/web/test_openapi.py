"""The API's own description is complete and can be read without a script."""

from flask import Flask

from service import errors
from tests.support.desk import Desk

CALLS = {
    ("get", "/api/v1/feature"), ("get", "/api/v1/terms"), ("get", "/api/v1/terms/{version}"), ("post", "/api/v1/contributions"),
    ("get", "/api/v1/contributions/{contribution_id}"), ("post", "/api/v1/contributions/{contribution_id}/attempts"),
    ("post", "/api/v1/contributions/{contribution_id}/refund"), ("get", "/api/v1/wall"), ("get", "/api/v1/articles/summary"),
    ("get", "/api/v1/desk/moderation/queue"), ("post", "/api/v1/desk/moderation/messages/{message_id}/decision"),
    ("get", "/api/v1/desk/moderation/messages/{message_id}/history"), ("get", "/api/v1/desk/finance/export"), ("get", "/api/v1/desk/audit"),
    ("post", "/api/v1/desk/finance/reconciliations"), ("get", "/api/v1/desk/finance/reconciliations/{reconciliation_id}"),
    ("get", "/api/v1/desk/finance/books"), ("post", "/api/v1/desk/moderation/claims"), ("delete", "/api/v1/desk/moderation/claims"),
    ("post", "/api/v1/desk/moderation/decisions"), ("delete", "/api/v1/desk/moderation/messages/{message_id}/flags/{kind}"),
    ("get", "/api/v1/desk/moderation/statistics"), ("post", "/api/v1/wall/{message_id}/reports"),
    *(
        ("get", f"/api/v1/desk/finance/{path}")
        for path in (
            "summary", "exports", "exports/{export_id}", "exports/{export_id}/content", "exceptions", "bank-lines",
            "payouts", "payouts/{ref}", "periods", "periods/{period}",
        )
    ),
    *(
        ("post", f"/api/v1/desk/finance/{path}")
        for path in (
            "exports", "bank-lines", "bank-lines/{line_id}/match", "exceptions/{exception_id}/explanation",
            "periods/{period}/close",
        )
    ),
    ("get", "/api/v1/transparency"), ("get", "/api/v1/desk/feature"), ("put", "/api/v1/desk/feature"),
    ("get", "/api/v1/desk/privacy/requests"), ("post", "/api/v1/desk/privacy/requests"),
    ("get", "/api/v1/desk/privacy/requests/{request_id}"), ("get", "/api/v1/desk/privacy/requests/{request_id}/export"),
    ("post", "/api/v1/desk/privacy/requests/{request_id}/lift"), ("get", "/api/v1/desk/privacy/certificates/{number}"),
    ("get", "/api/v1/desk/contributions/{reference}"), ("get", "/api/v1/desk/contributions/{reference}/evidence"),
    ("get", "/api/v1/desk/contributions/{reference}/acceptances"),
}  # fmt: skip


def test_the_document_names_every_call(desk: Desk) -> None:
    document = desk.client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    assert {
        (method, path)
        for path, calls in document["paths"].items()
        for method in calls
        if method != "parameters"
    } == CALLS


def test_every_call_of_the_api_is_in_the_document(session_app: Flask) -> None:
    routes = {rule.rule for rule in session_app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert len(routes - {"/api/v1/openapi.json", "/api/v1/docs"}) == len({path for _, path in CALLS})


def test_the_readable_page_names_every_problem(desk: Desk) -> None:
    page = desk.client.get("/api/v1/docs?lang=en").text
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.Refusal)
    }
    for code in codes - {"refused"}:
        assert f'id="problem-{code}"' in page
    assert "<script" not in page


def test_a_problem_names_an_address_that_explains_it(desk: Desk) -> None:
    problem = desk.give(amount="1").get_json()
    path, _, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in desk.client.get(path).text
