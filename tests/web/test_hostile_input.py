"""Whatever is sent, the answer is a 4xx problem and never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.desk import ARTICLE, Desk, gift

KEY = {"Idempotency-Key": "k", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"NaN", 422),
        (b"\xff\xfe\x00", 422),
        (b"[" * 30_000, 422),
        (b'{"a":' * 10_000, 422),
        (b'{"amount": ' + b"9" * 5000 + b"}", 422),
        (b'{"amount": 1e999}', 422),
        (b'{"amount": NaN, "currency": "IDR"}', 422),
        (b"x" * (64 * 1024 + 1), 413),
        (b" " * (10 * 1024 * 1024), 413),
    ],
)  # fmt: skip
def test_bodies_that_are_no_gift(desk: Desk, body: bytes, status: int) -> None:
    response = desk.client.post("/api/v1/contributions", data=body, headers=KEY)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.get_json()["code"] == {422: "validation_failed", 413: "body_too_large"}[status]


def test_unknown_fields_are_named(desk: Desk) -> None:
    problem = desk.give(colour="red", article={"url": ARTICLE, "x": 1}).get_json()
    assert problem["errors"]["colour"]["code"] == "unknown"
    assert problem["errors"]["article.x"]["code"] == "unknown"


@pytest.mark.parametrize(
    "where", ["message", "display_name", "email", "title", "section", "url", "version", "currency", "locale"]
)
@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b", "\\udfff\\ud800"])
def test_surrogates_and_nul_anywhere(desk: Desk, where: str, text: str) -> None:
    body = gift()
    if where in ("title", "section", "url"):
        body["article"] = {"url": ARTICLE, where: "PLANTED"}
    elif where == "version":
        body["terms"] = {"version": "PLANTED", "accepted": True}
    else:
        body[where] = "PLANTED"
    raw = json.dumps(body).replace("PLANTED", text).encode()
    response = desk.client.post("/api/v1/contributions", data=raw, headers=KEY)
    assert 400 <= response.status_code < 500
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "field",
    ["amount", "currency", "message", "display_name", "anonymous", "email", "article", "locale", "terms"],
)
@pytest.mark.parametrize(
    "value", [1, 1.5, True, [], {}, "x", [[1]], {"url": []}, {"version": 1, "accepted": True}]
)
def test_wrong_types_in_every_field(desk: Desk, field: str, value: object) -> None:
    response = desk.give(**{field: value})
    assert response.status_code in (201, 409, 422)


ODD = ["%00", "%ff", "%ed%a0%80", "'", "🙂", "a" * 3000, "-1", "1e9", "9" * 30, "[]", "%0d%0aX: y"]
PATHS = [
    "/api/v1/feature?article={}", "/api/v1/feature?locale={}", "/api/v1/terms?locale={}", "/api/v1/terms/{}",
    "/api/v1/wall?article={}", f"/api/v1/wall?article={ARTICLE}&limit={{}}", f"/api/v1/wall?article={ARTICLE}&cursor={{}}",
    "/api/v1/articles/summary?article={}", "/api/v1/contributions/{}", "/contributions/{}", "/contribute?article={}",
    "/contribute?again={}", "/wall?article={}", f"/wall?article={ARTICLE}&cursor={{}}", "/terms/{}", "/terms?lang={}", "/static/{}", "/{}",
    "/desk/login?next={}",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_odd_addresses(desk: Desk, path: str) -> None:
    for odd in ODD:
        response = desk.client.get(path.format(odd))
        assert response.status_code < 500, (path, odd)
        assert "\n" not in str(response.headers.get("Location", ""))


DESK_PATHS = [
    "/api/v1/desk/moderation/queue?state={}", "/api/v1/desk/moderation/queue?limit={}", "/api/v1/desk/moderation/queue?cursor={}",
    "/api/v1/desk/moderation/messages/{}/history", "/api/v1/desk/audit?cursor={}", "/api/v1/desk/audit?limit={}",
    "/api/v1/desk/audit?actor={}", "/api/v1/desk/audit?subject={}", "/desk/moderation?state={}", "/desk/moderation?cursor={}",
    "/api/v1/desk/finance/export?from={}&to=2026-11-30", "/api/v1/desk/finance/export?from=2026-11-01&to=2026-11-30&dialect={}",
]  # fmt: skip


@pytest.mark.parametrize("path", DESK_PATHS)
def test_odd_addresses_at_the_desk(desk: Desk, path: str) -> None:
    headers = desk.headers("auditor")
    for odd in ODD:
        assert desk.client.get(path.format(odd), headers=headers).status_code < 500, (path, odd)


def test_odd_headers_and_cookies(desk: Desk) -> None:
    for value in ("é", "a" * 5000, "Bearer ", "Bearer é", "Bearer x y", "Basic eA=="):
        response = desk.client.get("/api/v1/desk/audit", headers={"Authorization": value})
        assert response.status_code == 401
        assert response.get_json()["code"] == "not_authenticated"
    for cookie in ("reader=x", "reader=.eJx.x", "desk=x; reader=", "desk=.eJw.zz.zz"):
        assert desk.client.get("/", headers={"Cookie": cookie}).status_code == 200
        assert desk.client.get("/desk", headers={"Cookie": cookie}).status_code == 303
    for language in ("*", ";;;", "id;q=x", "é", "a" * 4000):
        assert desk.client.get("/", headers={"Accept-Language": language}).status_code == 200
    assert desk.client.get("/healthz", headers={"X-Request-Id": "a\tb c"}).headers["X-Request-Id"] != "a\tb c"


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/wall", 405), ("PUT", "/api/v1/contributions", 405),
    ("POST", "/api/v1/terms", 405), ("GET", "/webhooks/sandbox", 405),
])  # fmt: skip
def test_unknown_paths_and_methods_are_problems(desk: Desk, method: str, path: str, status: int) -> None:
    response = desk.client.open(path, method=method)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(response.get_json())


def test_a_bug_is_told_without_details(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("service.contributions.queries.wall", broken)
    response = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE})
    assert (response.status_code, response.get_json()["code"]) == (500, "internal_error")
    assert "secret" not in response.text
    page = desk.client.get("/wall", query_string={"article": ARTICLE})
    assert page.status_code == 500
    assert "secret" not in page.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*gift(), "email", "anonymous", "recurring"]), json_values))
def test_no_json_makes_a_500(desk: Desk, changes: dict[str, object]) -> None:
    raw = json.dumps({**gift(), **changes}).encode()
    response = desk.client.post("/api/v1/contributions", data=raw, headers=KEY)
    assert response.status_code in (201, 409, 422)
