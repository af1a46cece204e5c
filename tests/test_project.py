"""The project as a whole: pages, READMEs, tracked files and the size of the code."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from seedbed.base.datafile import parse
from seedbed.cli import app
from seedbed.market.definition import Definition

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/seedbed"
READMES = ("README.md", "README.zh-CN.md")
GUIDES = ("docs/guide.md", "docs/guide.zh.md", "docs/footprint.md", "docs/footprint.zh.md",
          "docs/operate.md", "docs/operate.zh.md", "docs/service.md", "docs/service.zh.md")
WITH_COMMANDS = (*READMES, *GUIDES, "docs/data.md", "docs/policy.md", "docs/stages.md", "docs/limits.md",
                 "docs/explain.md", "docs/optimise.md", "docs/ensembles.md", "docs/calibration.md")
GROUPS = ("ensemble", "facts", "inventory", "policy", "stage", "scheme", "tender", "party", "product", "evidence",
          "claim", "grant", "account", "transfer", "use", "event", "journal")
LONGEST_FILE, LONGEST_FUNCTION = 600, 120
MACHINE_PATH = re.compile(r"(?<![\w.\-/:])/(?:home|root|work|Users|tmp|shared)/\w")
INDEX = re.compile(
    r"pypi\.org|pythonhosted|--(?:extra-)?index-url|trusted-host|registry\.npm|npmmirror\.|mirrors?\.[a-z]+\.(?:edu|com)"
)
COMMAND = re.compile(r"(?:^ *|`)seedbed ([a-z]+(?: [a-z]+)?[^`#\n]*)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tracked() -> list[Path]:
    """Files of the repository that are there: tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout, so tracked files are unknown")
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


def readable() -> Iterator[tuple[Path, str]]:
    """Tracked text files written here; third-party files in static folders are left as they came."""
    for path in tracked():
        if "static" not in path.parts:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def pages(node: object) -> Iterator[str]:
    """The pages in the navigation of mkdocs.yml."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict):
        for child in node.values() if isinstance(node, dict) else node:
            yield from pages(child)


@cache
def help_of(*words: str) -> str | None:
    """Help of a command, None where there is no such command."""
    done = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"})
    return done.output if done.exit_code == 0 else None


def has_command_line() -> bool:
    return (ROOT / "src/seedbed/cli/__init__.py").read_text(encoding="utf-8").strip() != ""


def commands(name: str) -> list[tuple[tuple[str, ...], list[str]]]:
    """(words that name the command, options) of every `seedbed …` in a page."""
    found = []
    for said in COMMAND.findall(text(name)):
        words = said.split()
        group = words[0] in GROUPS
        found.append((tuple(words[: 2 if group else 1]), re.findall(r"--[a-z]+", said)))
    return found


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page() -> None:
    listed = list(pages(yaml.safe_load(text("mkdocs.yml"))["nav"]))
    there = sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md"))
    assert sorted(listed) == there


@pytest.mark.parametrize("name", [*READMES, *GUIDES, "docs/map.md"])
def test_no_link_leads_to_a_file_that_is_not_there(name: str) -> None:
    here = (ROOT / name).parent
    links = [link for link in LINK.findall(text(name)) if "://" not in link]
    assert not [link for link in links if not (here / link).exists()]


def test_the_map_of_the_code_names_every_module_of_the_floors() -> None:
    parts = dict(re.findall(r"^\*\*(\w+)\*\* – (.*?)(?=^\*\*|\Z)", text("docs/map.md"), re.MULTILINE | re.DOTALL))
    floors = {path.name: path for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert set(parts) == set(floors)
    for floor, folder in floors.items():
        there = {path.name for path in folder.rglob("*.py")} - {"__init__.py"}
        assert set(re.findall(r"\w+\.py", parts[floor])) == there, floor


@pytest.mark.parametrize("name", READMES)
def test_both_readmes_give_the_two_commands_that_set_everything_up(name: str) -> None:
    assert re.search(r"^make plan\b", text(name), re.MULTILINE)
    assert re.search(r"^make test\b", text(name), re.MULTILINE)


def test_readmes_show_the_same_commands_in_both_languages() -> None:
    shown = [sorted(words for words, _ in commands(name)) for name in READMES]
    assert shown[0] == shown[1] != []


def test_make_targets_named_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    for name in (*READMES, *GUIDES, "docs/map.md"):
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", text(name), re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_pages_name_only_commands_and_options_that_exist(name: str) -> None:
    if not has_command_line():
        pytest.skip("src/seedbed/cli/__init__.py has no command line yet")
    for words, options in commands(name):
        page = help_of(*words)
        assert page is not None, f"{name}: there is no `seedbed {' '.join(words)}`"
        missing = [option for option in options if not re.search(rf"{option}\b", page)]
        assert not missing, f"{name}: `seedbed {' '.join(words)}` has no {missing}"


def test_the_market_in_the_guide_is_valid() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", text("docs/guide.md"), re.DOTALL)
    markets = [parse(yaml.safe_load(block), Definition, where="docs/guide.md") for block in blocks]
    assert [market.id for market in markets] == ["buses"]


@pytest.mark.parametrize("name", [*READMES, *GUIDES, "docs/policy.md", "docs/data.md"])
def test_python_in_the_pages_imports_only_what_exists(name: str) -> None:
    for block in re.findall(r"```python\n(.*?)```", text(name), re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                exec(ast.unparse(node), {})


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert not [f"{path.relative_to(ROOT)}: {found[0]}" for path, body in readable()
                if (found := MACHINE_PATH.search(body)) and path != Path(__file__)]


def test_no_file_holds_the_address_of_a_package_index() -> None:
    assert not [f"{path.relative_to(ROOT)}: {found[0]}" for path, body in readable()
                if (found := INDEX.search(body)) and path != Path(__file__)]


def test_the_lock_pins_every_package_and_names_no_index() -> None:
    lines = [line.strip() for line in text("requirements.lock").splitlines()]
    entries = [line for line in lines if line and not line.startswith("#")]
    assert entries
    assert not [line for line in entries if not re.match(r"[\w.\-\[\],]+==[\w.+!]+|--hash=", line)]


def test_no_python_file_of_the_package_is_too_long() -> None:
    assert not [str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.py")
                if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]


def test_no_function_of_the_package_is_too_long() -> None:
    long = []
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{path.name}:{node.name} has {length} lines")
    assert not long


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_of_the_schemes_are_those_of_their_files(lang: str) -> None:
    found = runpy.run_path(str(ROOT / "tools/scheme_pages.py"), run_name="pages")
    assert text(f"docs/{found['FILES'][lang]}") == found["page"](lang), "run python tools/scheme_pages.py"
