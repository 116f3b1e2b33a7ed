"""What leaves for a processor, and whether any of it asks for more than one payment or for money back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from tests.support.desk import ARTICLE, Desk

# The only things that are ever told to a processor; the rest are questions.
ALLOWED: Mapping[str, Sequence[str]] = {
    "sandbox": (r"/v1/checkouts", r"/v1/checkouts/[^/]+/expire"),
    "stripe": (r"/v1/checkout/sessions", r"/v1/checkout/sessions/[^/]+/expire"),
    "midtrans": (r"/snap/v1/transactions", r"/snap/v1/transactions/[^/]+/cancel", r"/v2/[^/]+/expire"),
}
RECURRENCE = re.compile(
    r"recurr|subscri|interval|future_usage|save_(?:card|token)|off_session|billing_cycle|frequency|installment|/plans?\b|/prices?\b|/customers?\b"
)
REFUND = re.compile(r"refund|revers|/void|/credit_notes?\b")
PAGES = ("/wall", "/api/v1/wall", "/demo/article")


@dataclass
class Watched:
    """What went out since the watch began."""

    told: list[tuple[str, str, str]] = field(default_factory=list)

    def found(self, processor: str) -> list[str]:
        """What should not have gone out."""
        wrong = []
        for method, path, body in self.told:
            known = any(re.fullmatch(pattern, path) for pattern in ALLOWED[processor])
            if method != "GET" and not known:
                wrong.append(f"{method} {path}")
            if RECURRENCE.search(f"{path} {body}") or (method != "GET" and REFUND.search(f"{path} {body}")):
                wrong.append(f"{method} {path} {body}")
            if path == "/v1/checkout/sessions" and method == "POST" and "mode=payment" not in body:
                wrong.append(f"{method} {path} {body}")
        return wrong


def watch(desk: Desk) -> Watched:
    """Note every call that leaves for the processor of this desk."""
    watched, send = Watched(), desk.bench.wire.send

    def noted(request: Any, *rest: Any, **more: Any) -> Any:
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else str(body)
        url = urlsplit(str(request.url))
        watched.told.append((str(request.method), url.path, unquote_plus(f"{url.query} {text}").lower()))
        return send(request, *rest, **more)

    desk.bench.wire.send = noted
    return watched


def public_texts(desk: Desk) -> str:
    """All that anybody can read of messages."""
    query = {"article": ARTICLE}
    return "".join(desk.client.get(page, query_string=query).text for page in PAGES)


def published(desk: Desk) -> int:
    answer = desk.client.get("/api/v1/articles/summary", query_string={"article": ARTICLE})
    return int(answer.get_json()["published_messages"])
