"""The stylesheet with the publisher's tokens in it, scripts, the logo, and their addresses.

Pages link the stylesheet; the widget carries it within, so that it is painted after one answer.
An address names its content, so that browsers keep it and a new version is seen at once.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, make_response, request, url_for
from markupsafe import Markup

from service.brand import Brand
from service.config import Settings
from service.errors import NotFound
from service.web.access import public

blueprint = Blueprint("assets", __name__)

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,>])\s*|(?<=:) ")
_KEPT = "public, max-age=31536000, immutable"
_UNSURE = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The stylesheet as it is served, and what addresses and policies call it."""

    text: str
    name: str
    source: str  # for a policy's style-src, where a page carries the stylesheet within


def init_app(app: Flask) -> None:
    """Make the stylesheet once, and tell templates where it is."""
    settings: Settings = app.extensions["settings"]
    folder = Path(app.static_folder or "")
    app.extensions["stylesheet"] = sheet = make((folder / "style.css").read_text(), settings.brand)
    app.extensions["scripts"] = sources = {file.stem: file.read_text() for file in folder.glob("*.js")}
    app.jinja_env.globals.update(
        stylesheet=Markup(sheet.text),  # noqa: S704  # our own file and two checked colours
        stylesheet_url=lambda: url_for("assets.show_stylesheet", name=sheet.name),
        scripts=lambda *names: _scripts_url(sources, names),
        logo_url=lambda: url_for("assets.show_logo") if settings.brand.logo else None,
    )


def make(text: str, brand: Brand) -> Stylesheet:
    """The stylesheet of this source with the publisher's tokens, without comments and spaces."""
    tokens = ";".join(f"{name}:{value}" for name, value in brand.tokens.items())
    small = _AROUND.sub(lambda found: found[1] or "", _SPACE.sub(" ", _COMMENT.sub("", text))).strip()
    whole = f"{small}:root{{{tokens}}}"
    hashed = base64.b64encode(hashlib.sha256(whole.encode()).digest()).decode()
    return Stylesheet(whole, _digest(whole.encode()), f"'sha256-{hashed}'")


@blueprint.get("/style-<string:name>.css")
@public
def show_stylesheet(name: str) -> Response:
    """The stylesheet; under another's name, while versions change, ours for a minute."""
    sheet: Stylesheet = current_app.extensions["stylesheet"]
    response = make_response(sheet.text)
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = _KEPT if name == sheet.name else _UNSURE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/scripts/<string:names>.js")
@public
def show_scripts(names: str) -> Response:
    """Some of our scripts as one, so that a page asks once."""
    sources: Mapping[str, str] = current_app.extensions["scripts"]
    wanted = names.split("+")
    if len(set(wanted)) < len(wanted) or not set(wanted) <= sources.keys():
        raise NotFound
    text = _joined(sources, wanted)
    response = make_response(text)
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = _KEPT if request.args.get("v") == _digest(text.encode()) else _UNSURE
    return response


@blueprint.get("/logo")
@public
def show_logo() -> Response:
    """The publisher's logo. It is shown as an image only: no script in it runs."""
    settings: Settings = current_app.extensions["settings"]
    brand = settings.brand
    if brand.logo is None:
        raise NotFound
    response = make_response(brand.logo.read_bytes())
    response.content_type = brand.logo_type
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _scripts_url(sources: Mapping[str, str], names: Sequence[str]) -> str:
    text = _joined(sources, names)
    return url_for("assets.show_scripts", names="+".join(names), v=_digest(text.encode()))


def _joined(sources: Mapping[str, str], names: Sequence[str]) -> str:
    return "\n".join(sources[name] for name in names)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
