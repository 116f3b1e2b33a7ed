"""Telephone numbers, dates, times, amounts and scores, where digits stand for nothing else (pure).

A list of such things is no card number, though a few of them in a row may look like one. A card
number, however it is spaced, is no such list: it would have to fall into whole telephone numbers or
valid dates, with one mark inside them and another between.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

_Span = tuple[int, int]
_GROUP = re.compile(r"(?:(?:rp|idr)[. ]{0,2})?[(+]{0,3}[0-9]+", re.ASCII)
_MARK = re.compile(r"(?<=[0-9])[^0-9a-z]+", re.ASCII)
_LONGEST_LIST = 600  # characters: more than a message may have
_MOST_SCORES = 5
_MOST_GROUPS = 8  # a place in a list, a dialling code in brackets, and a number in pairs


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.ASCII)


_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_HOUR, _SCORE = r"(?:[01]?\d|2[0-4])", r"(?:\d|[12]\d|30)"
_PLACE = r"(?:[1-9][.)]\ )?"
_COUNTED = _pattern(r"([1-9])[.)]\ ")
_GAP = r"(?:\ ?[.-]\ ?|\ )"
_FROM = r"(?:\(?\+?62\)?[ .-]?\(?0?\)?|\(?0)"
_MOBILE = r"8(?:[158][1-9]|2[1-38]|3[1-38]|7[17-9]|9[5-9])"
_AREA, _FAR_AREA = r"(?:2[124]|31|61)", r"[2-79]\d\d"

# Mobile numbers have 10 to 13 digits with the 0, landlines an area code and 5 to 8.
_THEN = rf"(?:\){_GAP}?|{_GAP})"
_PHONES = (
    _pattern(
        rf"{_PLACE}{_FROM}{_MOBILE}(?:{_THEN}?\d{{6,9}}|{_THEN}(?:\d{{3,4}}{_GAP}\d{{3,5}}|\d{{4}}{_GAP}\d\d))"
    ),
    _pattern(rf"{_PLACE}{_FROM}{_AREA}(?:{_THEN}?\d{{6,8}}|{_THEN}\d{{3,4}}{_GAP}\d{{3,5}})"),
    _pattern(rf"{_PLACE}{_FROM}{_FAR_AREA}(?:{_THEN}?\d{{5,7}}|{_THEN}\d{{3}}{_GAP}\d{{3,4}})"),
)
_EXPIRY = _pattern(r"(?:0[1-9]|1[0-2])(?:2[4-9]|3\d)\b")  # of a card, which may stand before it
_FULL_DATES = (
    _pattern(rf"{_DAY}(\ ?[/.-]\ ?){_MONTH}\1{_YEAR}(?:\ {_HOUR}[.:][0-5]\d)?"),
    _pattern(
        rf"{_YEAR}([/.-])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:\ {_HOUR}([.:])[0-5]\d(?:\2[0-5]\d)?)?"
    ),
    _pattern(rf"{_DAY},\ {_YEAR}"),
)
_YEARS = (_pattern(_YEAR),)
_SURE = (*_PHONES, *_FULL_DATES, *_YEARS)  # they say by themselves that they are no card
# Rupiah up to twelve digits, and more where they end in zeros; places from 95 to 141 degrees east.
_RUPIAH = r"(?:(?:rp|idr)[.\ ]*)?[1-9]\d{0,2}"
_NEVER = (
    _pattern(r"(?:rp|idr)[.\ ]*(?:\d{1,12}|\d{1,3}(?:\.\d{3}){1,3}|\d{1,3}(?:,\d{3}){1,3})(?:[.,]\d\d)?"),
    _pattern(
        rf"{_RUPIAH}(?:\.\d{{3}}){{0,3}}(?:\.000){{2}}(?:,00)?|{_RUPIAH}(?:,\d{{3}}){{0,3}}(?:,000){{2}}(?:\.00)?"
    ),
    _pattern(rf"{_RUPIAH}(?:\.\d{{3}}){{1,4}},00|{_RUPIAH}(?:,\d{{3}}){{1,4}}\.00|{_RUPIAH}\d{{0,4}}0{{9}}"),
    _pattern(r"1?\d\.\d{3,8},?\ -?(?:9[5-9]|1[0-4]\d)\.\d{3,8}"),
)
_DAYS_AND_TIMES = (
    _pattern(rf"{_HOUR}([.:])[0-5]\d(?:\ ?-\ ?{_HOUR}\1[0-5]\d)?"),
    _pattern(rf"{_DAY}([/.-]){_MONTH}\1\d\d|(?:0[1-9]|[12]\d|3[01])[.-](?:0[1-9]|1[0-2])|{_DAY}/{_MONTH}"),
)
_DOTTED = (_pattern(r"[1-9]\d{0,2}(?:(?:\.\d{3}){1,3}(?:,\d\d)?|000)"),)
_WITH_COMMAS = (_pattern(r"[1-9]\d{0,2}(?:(?:,\d{3}){1,3}(?:\.\d\d)?|000)"),)
_SCORES = (_pattern(rf"{_SCORE}\ ?[:-]\ ?{_SCORE}"),)
_REST = (_pattern(r"\d{1,3}(?:,\d\d?)?"),)  # of what the word after it says
_LIKELY = _DAYS_AND_TIMES + _DOTTED + _WITH_COMMAS + _SCORES
_KINDS = (
    _PHONES,
    _FULL_DATES + _YEARS + _DAYS_AND_TIMES,
    _NEVER + _DOTTED + _REST,
    _NEVER + _WITH_COMMAS,
    _SCORES,
)
_NO_CARD = ("0", "(0", "+", "(+", "rp", "idr")
_BETWEEN = _pattern(r"(?:,-)?(?:\ ?[,;/&+]?\ ?|\ -\ |\ ?\r?\n\ ?)[+(]{0,2}")


def stretches(run: str) -> Sequence[_Span] | None:
    """Where, in a list of such things, a card number may stand all the same: in one thing that
    happens to be written like it, or from thing to thing where they are of several kinds. None
    where a run of digits is no list, so that it may stand anywhere."""
    if len(run) > _LONGEST_LIST or _EXPIRY.match(run):
        return None
    found = _things(run, [match.span() for match in _GROUP.finditer(run)])
    if found is None or not _is_list(run, found):
        return None
    return [*_alone(run, found), *_together(run, found)]


def _alone(run: str, found: Sequence[_Span]) -> list[_Span]:
    """One thing. In a list most are sure, unless they are counted and not in their order."""
    never = _NEVER if len(found) == 1 else _SURE + _NEVER
    spans = []
    for place, (start, end) in enumerate(found, 1):
        counted = _COUNTED.match(run, start)
        if not _fits(never, run[start:end]) or (counted and int(counted[1]) != place):
            spans.append((start, end))
    return spans


def _together(run: str, found: Sequence[_Span]) -> list[_Span]:
    """Several things in a row that are not all of one kind, or begin with 62: so do the numbers of
    a brand, and this country's abroad. What begins with 0, a plus, rupiah or a full date is no card."""
    spans = []
    for first, (start, end) in enumerate(found):
        if run.startswith(_NO_CARD, start) or _fits(_FULL_DATES, run[start:end]):
            continue
        for last in range(first + 1, len(found)):
            things = [run[slice(*span)] for span in found[first : last + 1]]
            if _is_bare(things[0]) or not _are_of_one_kind(things):
                spans.append((start, found[last][1]))
    return spans


def _are_of_one_kind(things: Sequence[str]) -> bool:
    """Single digits in pairs are scores, but with many of them they are a number all the same."""
    if len(things) > _MOST_SCORES and all(_fits(_SCORES, thing) for thing in things):
        return False
    return any(all(_fits(kind, thing) for thing in things) for kind in _KINDS)


def _is_bare(text: str) -> bool:
    """Whether a number from abroad comes without its plus."""
    return text.lstrip("(").startswith("62")


def _things(run: str, groups: Sequence[_Span]) -> list[_Span] | None:
    """The run as things without a rest, the longest first; None where there is anything else."""
    rest: list[list[_Span] | None] = [*[None] * len(groups), []]
    for first in reversed(range(len(groups))):
        for after in range(min(len(groups), first + _MOST_GROUPS), first, -1):
            start, end, others = groups[first][0], groups[after - 1][1], rest[after]
            if others is not None and _is_thing(run[start:end], last=first > 0 and not others):
                rest[first] = [(start, end), *others]
                break
    return rest[0]


def _is_list(run: str, found: Sequence[_Span]) -> bool:
    """Other marks stand between things than inside them. Where things are no more than likely, one
    mark stands between all; and they are of one kind, or stand beside a telephone number."""
    things = [run[start:end] for start, end in found]
    between = [_MARK.findall(run, end)[0] for (_, end), _ in pairwise(found)]  # with a + or bracket
    likely = [thing for thing in things if not _fits(_SURE + _NEVER, thing)]
    phone = any(_fits(_PHONES, thing) and not _is_bare(thing) for thing in things)
    if likely and not (_is_even(between) and (phone or _is_of_one_kind(likely, between))):
        return False
    return (
        all(map(_BETWEEN.fullmatch, between))
        and not _marks(likely) & set(between)
        and all(map(_is_parted, things, between, things[1:]))
    )


def _is_even(between: Sequence[str]) -> bool:
    return len({mark.removeprefix(",-").rstrip("+(") for mark in between}) <= 1


def _is_of_one_kind(likely: Sequence[str], between: Sequence[str]) -> bool:
    if _fits(_REST, likely[-1]) and between and between[-1].strip(" "):
        likely = likely[:-1]
    return any(all(_fits((pattern,), thing) for thing in likely) for pattern in _LIKELY)


def _is_parted(before: str, mark: str, after: str) -> bool:
    """Whether it is plain where the first thing ends and the next begins: by another mark than
    inside them, or because a date, a number with a + or bracket, or one number after another does."""
    if mark not in _marks([before]):
        return True
    if _is_bare(before):
        return False
    return before.startswith(("+", "(")) or _fits(_FULL_DATES, before) or _both_phones(before, after)


def _both_phones(before: str, after: str) -> bool:
    return _fits(_PHONES, before) and _fits(_PHONES, after)


def _marks(things: Sequence[str]) -> set[str]:
    return {mark for thing in things for mark in _MARK.findall(thing)}


def _is_thing(text: str, *, last: bool) -> bool:
    return _fits(_SURE + _NEVER + _LIKELY + (_REST if last else ()), text)


def _fits(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns)
