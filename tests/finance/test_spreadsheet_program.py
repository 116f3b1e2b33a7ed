"""What a real spreadsheet program makes of our files: types are right, and no text runs as a formula."""

import csv
import io
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from python_calamine import load_workbook

from service.finance.exports.cells import made_here
from service.finance.exports.columns import MOVEMENTS
from service.finance.exports.text import NOTATIONS, line_writer
from service.finance.exports.workbook import write

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
MISSING = "LibreOffice was not found: the spreadsheet tests DID NOT RUN"


@pytest.fixture(autouse=True)
def _program() -> None:
    if SOFFICE is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(MISSING)
    if SOFFICE is None:
        pytest.skip(MISSING)


# Texts that spreadsheets have been made to run.
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example";"y")',
    "=WEBSERVICE(1)", "-2+3+cmd|' /C calc'!A0", '=DDE("cmd";"/C calc";"x")', "Nasional; =1+1", 'Bola",=1+1',
]  # fmt: skip
PLACE = [column.name for column in MOVEMENTS].index("article_section")


def rows() -> list[list[object]]:
    at = datetime(2026, 11, 24, 7, 5, 9, tzinfo=UTC)
    values: dict[str, object] = {
        "created_at_utc": at, "booked_on_wib": date(2026, 11, 24), "currency": "IDR", "gross": 2_500_050, "fee": 0,
        "net": -17_501, "period": "2026-11", "live": "true", "reference": "AS-0001-0002",
    }  # fmt: skip
    return [
        [{**values, "sequence": number, "article_section": payload}.get(column.name) for column in MOVEMENTS]
        for number, payload in enumerate(PAYLOADS, start=1)
    ]


def converted(file: Path, to: str, filter_: str = "") -> Path:
    """The file, opened by LibreOffice and saved again."""
    command = [
        str(SOFFICE),
        "--headless",
        "--norestore",
        f"-env:UserInstallation=file://{file.parent}/profile",
    ]
    if filter_:
        command.append(f"--infilter={filter_}")
    done = subprocess.run(
        [*command, "--convert-to", to, "--outdir", str(file.parent / "out"), str(file)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    made = file.parent / "out" / f"{file.stem}.{to.partition(':')[0]}"
    assert made.is_file(), done.stderr
    return made


@pytest.mark.parametrize(("dialect", "separator"), [("standard", 44), ("excel-id", 59)])
def test_no_cell_of_a_csv_runs_as_a_formula(tmp_path: Path, dialect: str, separator: int) -> None:
    notation = NOTATIONS[dialect]
    file = tmp_path / "movements.csv"
    written = "".join(map(line_writer(MOVEMENTS, notation), rows())).encode()
    file.write_bytes(notation.header(MOVEMENTS) + written)
    # Opened as text, separator as given, formulas as the program finds them.
    opened = converted(file, "fods", f"CSV:{separator},34,76,1")
    content = opened.read_text()
    assert "table:formula" not in content
    again = converted(opened, "csv:Text - txt - csv (StarCalc):44,34,76,1")
    shown = [row[PLACE] for row in csv.reader(io.StringIO(again.read_text(), newline=""))][1:]
    assert len(shown) == len(PAYLOADS)
    assert "2" not in shown


def test_a_workbook_opens_with_its_types_and_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "movements.xlsx"
    write(file, MOVEMENTS, made_here(MOVEMENTS, iter(rows())), len(PAYLOADS), {})
    opened = converted(file, "fods").read_text()
    assert "table:formula" not in opened
    assert opened.count('office:value-type="date"') == 2 * len(PAYLOADS)
    assert 'office:date-value="2026-11-24T07:05:09"' in opened
    assert 'office:value="25000.5"' in opened
    saved = load_workbook(str(converted(file, "xlsx"))).get_sheet_by_name("Data").to_python()
    header = saved[0]
    for payload, row in zip(PAYLOADS, saved[1:], strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["booked_on_wib"] == date(2026, 11, 24)
        assert cells["net"] == -175.01
        assert cells["reference"] == "AS-0001-0002"
        assert isinstance(cells["article_section"], str)
        assert payload.strip()[1:5] in cells["article_section"]
