"""The stylesheet, scripts and logo: the publisher's own, readable, kept by browsers."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from service import brand
from service.app import create_app
from service.config import Settings
from service.db import db
from service.environment import ConfigError
from service.web import assets
from tests.conftest import environment
from tests.support.desk import Desk

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="28"><script>alert(1)</script></svg>'
STYLE = Path(assets.__file__).parent / "static" / "style.css"


def token(name: str) -> list[str]:
    """The colours of a token of the stylesheet, light and dark."""
    found = re.search(rf"--{name}: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", STYLE.read_text())
    assert found is not None, name
    return [found[1], found[2]]


@pytest.mark.parametrize("paper", ["paper", "card", "notice-paper"])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "wrong"])
def test_each_ink_can_be_read_on_each_paper(ink: str, paper: str) -> None:
    for on, under, scheme in zip(token(ink), token(paper), ("light", "dark"), strict=True):
        assert brand.contrast(on, under) >= brand.ENOUGH
        assert under in brand.PAPERS[scheme]


def test_contrast_is_as_wcag_defines_it() -> None:
    assert round(brand.contrast("#000000", "#ffffff"), 2) == 21
    assert round(brand.contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize(
    "bad",
    [
        {"BRAND_COLOR": "#ffcc00"},
        {"BRAND_COLOR_DARK": "#123456"},
        {"BRAND_COLOR": "red;}"},
        {"LOGO": "/nowhere.svg"},
        {"LOGO": __file__},
        {"EMBED_ORIGINS": "https://www.kompas.com/path"},
        {"EMBED_ORIGINS": "http://www.kompas.com"},
        {"EMBED_ORIGINS": "https://www.kompas.com; script-src *"},
    ],
)
def test_what_nobody_could_read_or_trust_stops_the_start(bad: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as stopped:
        Settings.from_environment({f"APRESIASI_{name}": value for name, value in bad.items()})
    assert "\n" not in str(stopped.value)


def test_production_lets_nobody_embed_unless_it_is_said(tmp_path: Path) -> None:
    production = {
        "APRESIASI_MODE": "production",
        "APRESIASI_SECRET_KEY": "s" * 40,
        "APRESIASI_ENCRYPTION_KEYS": base64.b64encode(b"k" * 32).decode(),
        "APRESIASI_PRIVACY_URL": "https://kompas.com/p",
        "APRESIASI_USER_TERMS_URL": "https://kompas.com/t",
        "APRESIASI_PROCESSOR": "stripe",
        "APRESIASI_STRIPE_API_KEY": "sk_test_x",
        "APRESIASI_STRIPE_WEBHOOK_SECRETS": "whsec_x",
        "APRESIASI_INSTANCE_FOLDER": str(tmp_path),
    }
    assert Settings.from_environment(production).embed_origins == ()
    named = production | {"APRESIASI_EMBED_ORIGINS": "https://www.kompas.com, https://*.kompas.com"}
    assert Settings.from_environment(named).embed_origins == (
        "https://www.kompas.com",
        "https://*.kompas.com",
    )


def test_a_publishers_colours_and_logo_are_on_every_page(desk: Desk, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG)
    url = desk.wiring.settings.database_url
    own = environment(url, APRESIASI_BRAND_COLOR="#8a1538", APRESIASI_LOGO=str(logo))
    app = create_app(environ=own)
    client = app.test_client()
    page = client.get("/?lang=id")
    assert '<img src="/logo" alt="KOMPAS.com"' in page.text
    sheet = client.get(re.findall(r'href="(/style-\w+\.css)"', page.text)[0])
    assert "--accent:light-dark(#8a1538, #8cc4ff)" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
    shown = client.get("/logo")
    assert shown.content_type.startswith("image/svg+xml")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.text == SVG
    with app.app_context():
        db.engine.dispose()


def test_an_address_of_another_version_is_answered_and_not_kept(desk: Desk) -> None:
    for path in ("/style-000000000000.css", "/scripts/form+share.js?v=000000000000", "/scripts/form.js"):
        response = desk.client.get(path)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=60"
    for path in ("/scripts/form+form.js", "/scripts/nothing.js", "/scripts/form+..js", "/logo"):
        assert desk.client.get(path).status_code == 404


def test_the_frames_policy_allows_the_stylesheet_within_and_no_other(desk: Desk) -> None:
    page = desk.client.get("/embed/count?article=https://kompas.com/a")
    within = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)[0]
    hashed = base64.b64encode(hashlib.sha256(within.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{hashed}';" in page.headers["Content-Security-Policy"]
