"""Calls to a processor that has no library of its own: bounded, and repeated where harmless."""

import time
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from service.errors import ProcessorRefused, ProcessorUnavailable
from service.processors import patience
from service.processors.shape import readable

# Seconds to connect and to read. Going on with a payment asks, expires and opens: with one
# repeat of each these stay within the contract's 15 seconds together.
TIMEOUT = (1.0, 2.5)
_LARGEST = 8 * 1024 * 1024  # bytes of an answer


class Client:
    """One processor's address and credentials. ``transport`` is replaced in tests."""

    def __init__(self, url: str, auth: AuthBase, transport: BaseAdapter | None = None) -> None:
        self._url = url
        self._auth = auth
        self._transport = transport or HTTPAdapter(pool_maxsize=32)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        tries: int = 1,
    ) -> Any:
        """The JSON that a call answers. ``tries``: how often at most, where a repeat is
        harmless; a refusal is not repeated.

        Raises ProcessorRefused with its ``status`` and what it ``said`` for a 4xx, ProcessorUnavailable for all else that goes wrong.
        """
        response = self._try(method, path, tries, json=json, params=params, headers=headers)
        if 400 <= response.status_code < 500 and response.status_code != 429:
            raise ProcessorRefused(status=response.status_code, said=response.text[:500])
        if not 200 <= response.status_code < 300:
            raise ProcessorUnavailable
        with readable():
            return response.json()

    def _try(self, method: str, path: str, tries: int, **rest: Any) -> requests.Response:
        for left in reversed(range(tries)):
            patience.require()
            try:
                response = self._send(method, path, **rest)
            except requests.RequestException as error:
                if not left:
                    raise ProcessorUnavailable from error
                continue
            if response.status_code < 500 or not left:
                return response
        raise ProcessorUnavailable

    def _send(self, method: str, path: str, **rest: Any) -> requests.Response:
        # The transport pools connections and is shared; a session is not, it holds state.
        session = requests.Session()
        session.mount("http://", self._transport)
        session.mount("https://", self._transport)
        until = time.monotonic() + sum(TIMEOUT)
        response = session.request(
            method,
            self._url + path,
            auth=self._auth,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
            **rest | {"headers": {"Accept-Encoding": "identity", **(rest.get("headers") or {})}},
        )
        _read(response, until)
        return response


def _read(response: requests.Response, until: float) -> None:
    """The body, in time and of bounded size: the read time-out alone starts anew with each piece."""
    size, pieces = 0, []
    try:
        while piece := response.raw.read1(65_536):  # what is there, without waiting for more
            size += len(piece)
            if size > _LARGEST or time.monotonic() > until:
                raise requests.exceptions.ReadTimeout
            pieces.append(piece)
        response._content_consumed = True  # type: ignore[attr-defined]  # so that closing gives the connection back
    except (HTTPError, OSError) as error:
        raise requests.ConnectionError from error
    finally:
        response.close()
    response._content = b"".join(pieces)


class Bearer(AuthBase):
    """``Authorization: Bearer``, and never what a .netrc file says."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request
