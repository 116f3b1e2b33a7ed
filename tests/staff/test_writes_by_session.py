"""A write that a browser's session sends needs our own form, on our own site."""

import re

from tests.support.desk import Desk
from tests.support.staff import sign_in


def test_a_write_by_session_needs_our_token_and_our_site(desk: Desk) -> None:
    id_ = desk.message_id(desk.paid()["id"])
    client, _ = sign_in(desk)
    page = client.get("/desk/moderation").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    fields = {"decision": "publish", "revision": "1"}
    path = f"/desk/moderation/{id_}"
    assert client.post(path, data=fields).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, data=fields | {"csrf_token": token[1]}, headers=foreign).status_code == 403
    api = f"/api/v1/desk/moderation/messages/{id_}/decision"
    assert client.post(api, json={"decision": "publish", "revision": 1}).status_code == 403
    assert desk.wall() == []
    assert client.post(path, data=fields | {"csrf_token": token[1]}).status_code == 303
    assert len(desk.wall()) == 1


def test_the_desk_page_tells_why_a_decision_was_refused(desk: Desk) -> None:
    id_ = desk.message_id(desk.published()["id"])
    client, _ = sign_in(desk)
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/desk/moderation?state=published").text
    )
    assert token is not None
    fields = {"csrf_token": token[1], "state": "published", "revision": "2", "decision": "remove"}
    refused = client.post(f"/desk/moderation/{id_}?lang=en", data=fields)
    assert refused.status_code == 422
    assert "Removing a message needs a reason." in refused.text
    assert client.post(f"/desk/moderation/{id_}", data=fields | {"reason": "spam"}).status_code == 303
    assert desk.wall() == []
