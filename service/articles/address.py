"""The one key of an article: wall, summary, switch and limits all use it (pure)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from service.errors import ArticleNotAllowed

_LONGEST = 2000
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_DROPPED = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_[ce]id|_ga|gad_source|ref|amp|"
    r"lgn_method|google_btn|page|halaman|share"
)
_SAFE_PATH = "/-._~!$&'()*+,;=:@"


@dataclass(frozen=True, slots=True)
class Address:
    """An article's canonical address (its key) and the section its address says."""

    key: str
    section: str | None


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What the publisher's configuration says about article addresses."""

    hosts: Sequence[str]
    aliases: Mapping[str, str]
    section_patterns: Sequence[tuple[str, str]]

    def read(self, url: str) -> Address:
        """The key and section of a URL. Raises ArticleNotAllowed (clause 1.1)."""
        key = article_key(url, self.hosts, self.aliases)
        return self.known(key)

    def known(self, key: str) -> Address:
        """An article whose key was read before, also from a host that is none of ours any more."""
        return Address(key, section_of(key, self.section_patterns))

    @property
    def sections(self) -> Sequence[str]:
        """The names of every section that a pattern gives, each once, in their order."""
        return list(dict.fromkeys(section for _, section in self.section_patterns))


def article_key(url: str, hosts: Sequence[str], aliases: Mapping[str, str]) -> str:
    """The canonical https address of an article on one of the publisher's hosts.

    Drops the fragment and tracking and paging parameters, sorts what is left, and folds
    alias hosts (AMP, mobile) into the real ones. Raises ArticleNotAllowed for another
    scheme, port or host, for credentials in the address, and for what is no address.
    """
    if len(url) > _LONGEST or _UNSEEN.search(url):
        raise ArticleNotAllowed
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().removesuffix("."), parts.port
    except ValueError as error:
        raise ArticleNotAllowed from error
    if (
        parts.scheme.lower() not in ("https", "http")
        or "@" in parts.netloc
        or not parts.netloc.isascii()
        or port not in (None, 80, 443)
    ):
        raise ArticleNotAllowed
    host = aliases.get(host, host)
    if not _HOST.fullmatch(host) or not any(_host_fits(host, pattern) for pattern in hosts):
        raise ArticleNotAllowed
    query = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=False, max_num_fields=None)
        if not _DROPPED.fullmatch(name.lower())
    )
    path = _canonical_path(parts.path)
    key = f"https://{host}{path}" + (f"?{urlencode(query)}" if query else "")
    if len(key) > _LONGEST:
        raise ArticleNotAllowed
    return key


def _host_fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern


def _canonical_path(path: str) -> str:
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise ArticleNotAllowed from error
    if _UNSEEN.search(decoded):
        raise ArticleNotAllowed
    segments = [segment for segment in decoded.split("/") if segment]
    if ".." in segments or "." in segments:
        raise ArticleNotAllowed
    if segments and segments[-1].lower() == "amp":
        segments.pop()
    return "/" + quote("/".join(segments), safe=_SAFE_PATH)


def section_of(key: str, patterns: Sequence[tuple[str, str]]) -> str | None:
    """The section whose pattern (``host/path`` with ``*``) fits first; None without one."""
    place = key.removeprefix("https://").lower()
    for pattern, section in patterns:
        if fnmatchcase(place, pattern.lower()):
            return section
    return None
