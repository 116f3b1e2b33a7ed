"""Which language an answer is in: asked for, else preferred, else Indonesian."""

from datetime import date, datetime
from urllib.parse import quote, quote_plus

from babel.numbers import format_percent
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, refresh
from flask_babel import gettext as _

from service import clock
from service.config import LOCALES

DEFAULT = LOCALES[0]


def init_app(app: Flask) -> None:
    """Set up the catalogues and the filters that pages format with."""
    app.config["BABEL_DEFAULT_LOCALE"] = "en"  # message ids are English; see select_locale
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/web/translations"
    Babel(app, locale_selector=current)
    app.jinja_env.filters["money"] = lambda money: money.display(current())
    app.jinja_env.filters["moment"] = lambda at: moment(at, current())
    app.jinja_env.filters["percent"] = lambda share: format_percent(share, "0.00%", locale=current())
    app.jinja_env.filters["month"] = lambda day: month(day, current())
    app.jinja_env.globals.update(locale=current, locales=LOCALES, other_language=other_language_url)


def current() -> str:
    """The language of this request (``?lang=``, then Accept-Language, then Indonesian)."""
    if not has_request_context():
        return DEFAULT
    chosen: str | None = g.get("locale")
    if chosen is None:
        chosen = g.locale = _asked_for() or _preferred()
    return chosen


def use(locale: object) -> None:
    """Answer the rest of this request in a language that its body names, if we speak it."""
    if locale in LOCALES:
        g.locale = locale
        refresh()


def _asked_for() -> str | None:
    asked = request.args.get("lang") or request.args.get("locale")
    return asked if asked in LOCALES else None


def _preferred() -> str:
    return request.accept_languages.best_match(LOCALES, DEFAULT) or DEFAULT


def other_language_url(locale: str) -> str:
    """This page's address in another language."""
    path, query = g.get("page_address") or (request.path, list(request.args.items(multi=True)))
    pairs = [(name, value) for name, value in query if name != "lang"]
    from_query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return f"{quote(path)}?{from_query + '&' if from_query else ''}lang={locale}"


def page_address(path: str, **query: str) -> None:
    """Where the page that answers a form can be looked at again, for its language links."""
    g.page_address = (path, list(query.items()))


def translate(text: str, params: dict[str, object] | None = None) -> str:
    """A marked text in the language of this request."""
    return str(_(text, **(params or {}))) if text else ""


_MONTHS = {
    "id": [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def month(day: date | str, locale: str) -> str:
    """``November 2026``, of a day in it or of ``2026-11``."""
    number, year = (day.month, day.year) if isinstance(day, date) else (int(day[5:7]), int(day[:4]))
    return f"{_MONTHS[locale][number - 1]} {year}"


def moment(at: datetime, locale: str) -> str:
    """``24 November 2026 pukul 14.05 WIB``, or ``24 November 2026, 14:05 WIB`` in English."""
    local = at.astimezone(clock.JAKARTA)
    day = f"{local.day} {_MONTHS[locale][local.month - 1]} {local.year}"
    return f"{day} pukul {local:%H.%M} WIB" if locale == "id" else f"{day}, {local:%H:%M} WIB"
