"""Tests that guard the whole tree: what every file, list and page has to keep to."""

import ast
import hashlib
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import cli
from app.settings_docs import page
from ivr.drawing import page as call_flows
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL

ROOT = Path(__file__).resolve().parent.parent
_HIDDEN_BUT_OURS = {".ci", ".gitignore"}
_NOT_OURS = {"var", "build", "dist", "__pycache__"}
_CODE = {".py", ".sh", ".js", ".css", ".html"}
_DATA = ("models/migrations/versions/", "ivr/flows/")  # long by nature: tables and sentences
_PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
_PROJECT = _PYPROJECT["project"]


def files(directory: Path = ROOT) -> Iterator[Path]:
    """Every file of the project, without what is generated or installed."""
    for path in sorted(directory.iterdir()):
        if path.name in _NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.name.startswith(".") and path.name not in _HIDDEN_BUT_OURS:
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def texts() -> Iterator[tuple[str, str]]:
    for path in files():
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture; deleted by a test meanwhile
            continue


def requirement_names(lines: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9.-]", line)[0].lower() for line in lines}


# Written so that this file does not contain what it looks for.
_FORBIDDEN = (
    r"\bpypi\.org|pythonhosted\.org|npmjs\.(org|com)|deb\.debian\.org|security\.debian\.org",
    r"--(extra-)?index-" + "url|--find-" + "links|--trusted-" + "host",
    r"(?<![\w.])/(work|root|home/\w+)/",
    r"(?<![\w.])/opt/(pypi|wheels)",
)


@pytest.mark.parametrize("pattern", _FORBIDDEN)
def test_no_file_names_a_registry_or_a_path_of_somebodys_machine(pattern: str) -> None:
    looked_for = re.compile(pattern)
    found = [name for name, text in texts() if name != "tests/test_tree.py" and looked_for.search(text)]
    assert found == []


_THEIRS = {
    "app/console/static/htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "kiosk/static/idb.js": "699b6e525b9b8012e32b723125f34cf832fe665966b35be0a66b0829be1507e6",
    "kiosk/static/qrcode.js": "ea91d7118a5395289170da848b7c6758b996163bfbccf312591ab65a4911b7c0",
}
"""Files of others, by SHA-256."""


def test_no_file_grows_without_end() -> None:
    """Most have 50 to 250 lines; tables of tests may be longer."""
    code = [
        (name, text)
        for name, text in texts()
        if Path(name).suffix in _CODE and not name.startswith(_DATA) and name not in _THEIRS
    ]
    lines = {name: text.count("\n") for name, text in code}
    assert {name: n for name, n in lines.items() if n > (800 if name.startswith("tests/") else 500)} == {}


def test_packages_do_no_work_at_import() -> None:
    for name, text in texts():
        if name.endswith("__init__.py"):
            body = ast.parse(text).body
            assert len(body) == 1 and ast.get_docstring(ast.parse(text)), (
                f"{name}: a docstring and nothing else"
            )


def test_settings_page_is_up_to_date() -> None:
    assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == page(), "run: make docs"


def test_page_of_the_dialogues_is_up_to_date() -> None:
    told = (ROOT / "docs/call-flows.md").read_text(encoding="utf-8")
    assert told == call_flows(HOTLINE, RATING_CALL, NOTICE_CALL), "run: make docs"


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for name, text in texts():
        if not name.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not (ROOT / name).parent.joinpath(target).exists():
                broken.append(f"{name} → {target}")
    assert broken == []


def test_every_dependency_says_why_it_is_there() -> None:
    extras = [line for lines in _PROJECT["optional-dependencies"].values() for line in lines]
    documented = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    wanted = requirement_names([*_PROJECT["dependencies"], *extras, *_PYPROJECT["build-system"]["requires"]])
    assert {name for name in wanted if f"| {name} |" not in documented} == set()


def test_files_of_others_are_unchanged() -> None:
    """Versions are in NOTICE and docs/dependencies.md."""
    for name, expected in _THEIRS.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == expected, name


@pytest.mark.parametrize(("name", "extras"), [("run", []), ("demo", ["demo"]), ("test", ["demo", "test"])])
def test_requirements_are_pinned_hashed_and_complete(name: str, extras: list[str]) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    for line in lines:
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line[:80]
    wanted = [*_PROJECT["dependencies"]]
    for extra in extras:
        wanted += _PROJECT["optional-dependencies"][extra]
    missing = requirement_names(wanted) - {line.split("==")[0] for line in lines}
    assert missing == set(), "run: make lock"


def test_requirement_sets_agree_on_versions() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return set(re.findall(r"^([a-z0-9.-]+==\S+)", text, re.MULTILINE))

    assert pins("run") <= pins("demo") <= pins("test")


def test_procfile_names_commands_that_exist() -> None:
    for line in (ROOT / "Procfile").read_text().splitlines():
        command = line.split(": ", 1)[1].split()
        assert command[0] == "jiachang" and command[1] in cli.commands, line


def test_make_explains_every_target_that_people_call() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert listed is not None
    called = {name for name in listed[1].split() if not name.startswith("env-")}
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name for name in called if not re.search(rf"^  make {name} ", told, re.MULTILINE)} == set()


def test_every_decision_is_on_the_list_of_decisions() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
    assert [name for name in pages if name not in index] == []
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
