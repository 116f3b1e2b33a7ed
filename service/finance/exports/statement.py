"""The statement of clause 7.2 that stands in every export's record and workbook."""

from datetime import date, datetime, time

from service.clock import JAKARTA
from service.config import LOCALES
from service.terms.library import Library

_CLAUSE = "7.2"


def statement(terms: Library, last: date) -> str:
    """The clause in every language, in the version that was in force at the end of ``last`` (the
    first one for days before any): it depends on the days, not on when somebody asks."""
    at = datetime.combine(last, time.max, JAKARTA)
    version = terms.version_at(at)
    texts = (terms.get(version, locale) for locale in LOCALES)
    return "\n".join(clause.text for text in texts for clause in text.clauses if clause.id == _CLAUSE)
