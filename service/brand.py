"""The publisher's colours and logo: read from the settings, refused where nobody could read them.

Text in the accent colour stands on our light and dark papers, and text stands on the accent:
each pair reaches a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3), or the service does not start.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ENOUGH = 4.5
# The papers of style.css that links and buttons stand on, by scheme.
PAPERS = {"light": ("#ffffff", "#f6f4ef", "#fbf3df"), "dark": ("#14171a", "#1d2226", "#2f2718")}
INKS = ("#ffffff", "#0d1620")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
_LOGO_LIMIT = 64 * 1024  # bytes: every reader page carries it


@dataclass(frozen=True, slots=True)
class Brand:
    """Accent colours for light and dark schemes, and the logo's file where there is one."""

    light: str
    dark: str
    logo: Path | None

    @property
    def tokens(self) -> dict[str, str]:
        """The design tokens that the publisher decides, for the stylesheet."""
        on = f"light-dark({_ink(self.light)}, {_ink(self.dark)})"
        return {"--accent": f"light-dark({self.light}, {self.dark})", "--on-accent": on}

    @property
    def logo_type(self) -> str:
        """The media type of the logo."""
        return _LOGO_TYPES[self.logo.suffix] if self.logo else ""


def read(light: str, dark: str, logo: str) -> Brand:
    """The brand of these settings. Raises ValueError with what is wrong."""
    for scheme, colour in (("light", light), ("dark", dark)):
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"{colour!r} is no colour such as #0a58a0")
        found = min(contrast(colour, paper) for paper in PAPERS[scheme])
        if found < ENOUGH:
            raise ValueError(f"{colour} has a contrast of {found:.1f} on {scheme} paper; {ENOUGH} is needed")
    return Brand(light, dark, _logo(logo))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _ink(colour: str) -> str:
    return max(INKS, key=lambda ink: contrast(ink, colour))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _logo(path: str) -> Path | None:
    if not path:
        return None
    file = Path(path)
    if file.suffix not in _LOGO_TYPES:
        raise ValueError(f"{path!r} is none of {', '.join(_LOGO_TYPES)}")
    if not file.is_file() or file.stat().st_size > _LOGO_LIMIT:
        raise ValueError(f"{path!r} is no file of at most {_LOGO_LIMIT // 1024} KiB")
    return file
