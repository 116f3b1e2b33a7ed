"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service.config import ROOT
from service.processors.base import Processor

SERVICE = ROOT / "service"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_rooms_import_one_way() -> None:
    done = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout


def test_style() -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    for arguments in (["check", "."], ["format", "--check", "."]):
        done = run(ruff, *arguments)
        assert done.returncode == 0, done.stdout


def test_types() -> None:
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout


def test_every_text_has_indonesian_words() -> None:
    method_map = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
    options = {"**/templates/**.html": {"trimmed": "true"}}
    found = {
        message
        for _, _, message, *_ in extract_from_dir(
            str(SERVICE), method_map, options_map=options, keywords=keywords
        )
    }
    with (SERVICE / "web/translations/id/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="id")
    gaps = []
    for message in found:
        entry = catalogue.get(message[0] if isinstance(message, tuple) else message)
        if (
            entry is None
            or entry.fuzzy
            or not all([entry.string] if isinstance(entry.string, str) else entry.string)
        ):
            gaps.append(message)
            continue
        wanted = set(re.findall(r"%\(\w+\)\w", str(message)))
        if wanted != set(re.findall(r"%\(\w+\)\w", str(entry.string))):
            gaps.append(message)
    assert gaps == []
    used = {message[0] if isinstance(message, tuple) else message for message in found}
    unused = [
        entry.id
        for entry in catalogue
        if entry.id and (entry.id[0] if isinstance(entry.id, tuple) else entry.id) not in used
    ]
    assert unused == []


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SERVICE)))
def test_a_module_opens_with_its_purpose_and_imports_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "no sentence on its purpose"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not inside, f"{node.name} hides an import"
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name} is long"


def test_files_stay_small() -> None:
    large = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text("utf-8").splitlines())) > 350
    }
    assert large == {}


def test_lock_files_have_hashes_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


@pytest.mark.clause("4.1", "4.2")
def test_the_processor_port_has_no_refund_and_nothing_that_recurs() -> None:
    """Clauses 4.1 and 4.2: what the port cannot say, nobody can do."""
    verbs = {name for name in vars(Processor) if not name.startswith("_")}
    assert not [verb for verb in verbs if re.search("refund|recur|subscri|schedule", verb)]


def test_no_word_of_the_service_says_donation() -> None:
    for path in [
        *modules(),
        *SERVICE.rglob("*.html"),
        *SERVICE.rglob("*.po"),
        *(ROOT / "terms").rglob("*.md"),
    ]:
        assert not re.search(r"donat|donasi", path.read_text("utf-8"), re.IGNORECASE), path


@pytest.mark.clause("7.1", "7.2")
def test_clause_7_2_no_word_promises_an_invoice_or_a_tax_deduction() -> None:
    for path in [*SERVICE.rglob("*.html"), *SERVICE.rglob("*.po")]:
        assert not re.search(
            r"invoice|faktur|tax.deduct|potongan pajak|kompensasi|compensat",
            path.read_text("utf-8"),
            re.IGNORECASE,
        ), path
