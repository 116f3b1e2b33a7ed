"""The folder of a service without a mail server: mails to somebody are found in it, however written."""

import dataclasses
import os
from datetime import timedelta
from pathlib import Path

import pytest

from service import clock
from service.mail import folder, postman
from tests.mail.test_postman import LETTER, settings


def laid(path: Path, to: str) -> None:
    assert postman.send(dataclasses.replace(LETTER, to=to, ref=to), settings(mail_folder=path))


@pytest.mark.parametrize("asked", ["a@contöh.example", "A@CONTÖH.example", "a@xn--conth-mua.example"])
@pytest.mark.parametrize("written", ["a@contöh.example", "a@xn--conth-mua.example", "a@Contöh.example"])
def test_a_mail_is_found_in_either_form_of_its_domain(tmp_path: Path, asked: str, written: str) -> None:
    laid(tmp_path, written)
    laid(tmp_path, "b@contöh.example")
    assert folder.forget(tmp_path, {asked}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_no_address_is_compared_as_it_is(tmp_path: Path) -> None:
    laid(tmp_path, "a@contoh.example")
    for nowhere in ("", "a", "a@" + "x" * 70 + "é.example"):
        assert folder.forget(tmp_path, {nowhere}) == 0


@pytest.mark.parametrize("length", [10, 100, None])
def test_half_a_mail_of_a_crash_goes_too(tmp_path: Path, length: int | None) -> None:
    """Of one that broke off nobody can say to whom it was."""
    laid(tmp_path, LETTER.to)
    (whole,) = tmp_path.iterdir()
    whole.rename(whole.with_suffix(".part"))
    whole.with_suffix(".part").write_bytes(whole.with_suffix(".part").read_bytes()[:length])
    laid(tmp_path, "another@contoh.example")
    assert folder.forget(tmp_path, {LETTER.to}) == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".eml"]


def test_half_a_mail_to_somebody_else_stays_for_its_days(tmp_path: Path) -> None:
    laid(tmp_path, LETTER.to)
    (whole,) = tmp_path.iterdir()
    part = whole.rename(whole.with_suffix(".part"))
    assert folder.forget(tmp_path, {"another@contoh.example"}) == 0
    old = (clock.now() - folder.KEPT - timedelta(days=1)).timestamp()
    os.utime(part, (old, old))
    assert folder.forget_old(tmp_path, clock.now() - folder.KEPT) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_of_a_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        laid(tmp_path, LETTER.to)
    assert list(tmp_path.iterdir()) == []
