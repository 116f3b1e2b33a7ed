"""create_app: the service's table of contents."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from inspect import iscoroutinefunction

from flask import Flask, Response
from flask.cli import FlaskGroup
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_smorest import Api
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from service import cli
from service.config import JSON_LIMIT, Settings, kept_address
from service.contributions import api as contributions_api
from service.contributions import feed_pages, receipt_pages, status_pages, wall_pages
from service.contributions import pages as contributions_pages
from service.controls import attention as controls_attention
from service.db import db, engine_options, prepare_sqlite
from service.demo import pages as demo_pages
from service.dossier import api as dossier_api
from service.dossier import pages as dossier_pages
from service.embed import pages as embed_pages
from service.environment import ConfigError
from service.finance import api as finance_api
from service.finance import pages as finance_pages
from service.finance.bank import api as bank_api
from service.finance.bank import pages as bank_pages
from service.finance.closing import api as periods_api
from service.finance.closing import pages as periods_pages
from service.finance.exports import api as exports_api
from service.finance.exports import pages as exports_pages
from service.identifiers import ID_PATTERN
from service.jobs import exporting
from service.jobs.readiness import readiness
from service.moderation import acts as moderation_acts
from service.moderation import api as moderation_api
from service.moderation import pages as moderation_pages
from service.moderation import report_pages
from service.privacy import api as privacy_api
from service.privacy import attention as privacy_attention
from service.privacy import confirm_pages as privacy_confirm_pages
from service.privacy import pages as privacy_pages
from service.processors import registry
from service.staff import account_pages, admin_pages, attention, login, staff_pages, token_pages, trail_pages
from service.staff import api as staff_api
from service.staff import pages as desk_pages
from service.switchboard import api as switch_api
from service.switchboard import pages as switch_pages
from service.terms import api as terms_api
from service.terms import library
from service.terms import pages as terms_pages
from service.web import (
    access,
    assets,
    body,
    docs,
    errors,
    hosts,
    language,
    limits,
    logging,
    operations,
    security,
)
from service.webhooks import api as webhooks_api
from service.wiring import wire

API_BLUEPRINTS = (
    contributions_api.blueprint,
    terms_api.blueprint,
    moderation_api.blueprint,
    report_pages.api_blueprint,
    finance_api.blueprint,
    exports_api.blueprint,
    periods_api.blueprint,
    bank_api.blueprint,
    dossier_api.blueprint,
    switch_api.blueprint,
    privacy_api.blueprint,
    staff_api.blueprint,
)
PAGE_BLUEPRINTS = (
    assets.blueprint,
    contributions_pages.blueprint,
    status_pages.blueprint,
    receipt_pages.blueprint,
    wall_pages.blueprint,
    feed_pages.blueprint,
    embed_pages.blueprint,
    embed_pages.loader,
    terms_pages.blueprint,
    moderation_pages.blueprint,
    moderation_acts.blueprint,
    report_pages.blueprint,
    finance_pages.blueprint,
    exports_pages.blueprint,
    bank_pages.blueprint,
    periods_pages.blueprint,
    dossier_pages.blueprint,
    switch_pages.blueprint,
    privacy_pages.blueprint,
    privacy_confirm_pages.blueprint,
    desk_pages.blueprint,
    account_pages.blueprint,
    admin_pages.blueprint,
    staff_pages.blueprint,
    token_pages.blueprint,
    trail_pages.blueprint,
    webhooks_api.blueprint,
    operations.blueprint,
    docs.blueprint,
    demo_pages.blueprint,
)

# What the administration's home tells, most pressing first.
ATTENTION = (privacy_attention.waiting, controls_attention.closings)


def create_app(settings: Settings | None = None, environ: Mapping[str, str] | None = None) -> Flask:
    """The application. Raises ConfigError with one clear line for a bad setting."""
    settings = settings or Settings.from_environment(os.environ if environ is None else environ)
    terms = library.load(settings.terms_folder, settings.publisher_name)
    app = Flask(__name__, static_folder="web/static", template_folder="web/templates")
    app.extensions["settings"] = settings
    app.extensions["wiring"] = wiring = wire(settings, terms, registry.from_settings(settings))
    _configure(app, settings)
    logging.configure(settings.log_level)
    logging.init_app(app)
    body.init_app(app)
    _database(app, settings)
    with app.app_context():
        app.extensions["workshop"] = exporting.workshop(db.engine, settings)
    language.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    assets.init_app(app)
    security.init_app(app, wiring.processors.checkout_origins())
    access.init_app(app, login.find_caller)
    login.init_app(app)
    attention.init_app(app, ATTENTION)
    _routes(app)
    app.extensions["readiness"] = readiness(app)
    cli.init_app(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=None,  # each reader of a body has a limit of its own
        MAX_FORM_MEMORY_SIZE=JSON_LIMIT,
        JSON_SORT_KEYS=False,
        API_TITLE="Apresiasi Spesial",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.url_map.converters["key"] = _Key
    app.session_interface = _QuietSessions()
    app.wsgi_app = hosts.RefuseOddHosts(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals["settings"] = settings
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


class _QuietSessions(SecureCookieSessionInterface):
    """Sessions that answers to people without one do not vary by."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified:
            super().save_session(app, session, response)


class _Key(BaseConverter):
    """An id of ours in a path; anything else is not found before any query runs."""

    regex = ID_PATTERN


def _database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings.database_url)}
    db.init_app(app)
    # The library also closes asynchronous sessions, which we do not have: that would start a
    # thread and an event loop for every request, as long as a short request itself.
    app.teardown_appcontext_funcs[:] = [
        _forgiving(close) for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)
    ]
    if settings.database_url.startswith("sqlite"):
        with app.app_context():
            prepare_sqlite(db.engine)


def _forgiving(close: Callable[[BaseException | None], object]) -> Callable[[BaseException | None], None]:
    """What was written is committed by now: a database that goes away before the session is
    closed must not turn a finished answer into a broken one."""

    def closing(error: BaseException | None) -> None:
        with suppress(DBAPIError):
            close(error)

    return closing


class _OurApi(Api):
    """flask-smorest for the document; errors are answered by `web.errors`."""

    def handle_http_exception(self, error):  # type: ignore[no-untyped-def]  # as in the library
        return errors.answer_http(error)


def _routes(app: Flask) -> None:
    api = _OurApi(app)
    for api_blueprint in API_BLUEPRINTS:
        api.register_blueprint(api_blueprint)
    for blueprint in PAGE_BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.declare(app, [("static", access.PUBLIC), ("api-docs.openapi_json", access.PUBLIC)])


def main() -> None:
    """The ``apresiasi`` command."""
    os.environ.update(kept_address(os.environ))
    try:
        app = create_app()
    except ConfigError as error:
        sys.exit(f"apresiasi: {error}")
    commands = FlaskGroup(create_app=lambda: app, add_default_commands=False, add_version_option=False)
    try:
        commands.main(prog_name="apresiasi")
    except (OperationalError, ProgrammingError) as error:
        sys.exit(f"apresiasi: no usable database; try `apresiasi db upgrade` ({type(error.orig).__name__})")
