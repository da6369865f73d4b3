"""README, the pages of docs/, CHANGELOG and --help say what the code does: each console block is run and compared."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes.checking import settings
from lstm_shapes.checking.outcome import FORMATS
from lstm_shapes.cli.app import COMMANDS
from lstm_shapes.spec.imported import KINDS

from .command import completed

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCS = "\n".join(path.read_text("utf-8") for path in PAGES if path.name != "rules.md")
MODELS = re.findall(r"```yaml\n(name: (\w+)\n.*?)```", README, re.DOTALL)
CONSOLE = re.findall(r"```console\n\$ lstm-shapes (.*?)\n(.*?)```", DOCS, re.DOTALL)
SCRIPT, PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
LONGEST = 180


def run(args: str, folder: Path) -> str:
    done = completed(*shlex.split(args), cwd=folder)
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples, files of weights, and the script and the models that the README writes down."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "seq2seq.pt").symlink_to(ROOT / "tests" / "importers" / "checkpoints" / "several.pt")
    (tmp_path / "lstm_model.h5").symlink_to(ROOT / "tests" / "importers" / "recorded" / "lstm_model.h5")
    (tmp_path / "train.py").write_text(SCRIPT, "utf-8")
    for text, name in MODELS:
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("args", "printed"), CONSOLE, ids=[args for args, _ in CONSOLE])
def test_what_a_page_shows_is_what_the_command_prints(args: str, printed: str, folder: Path) -> None:
    assert run(args, folder) == printed


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= LONGEST


def test_the_pages_show_output_of_every_command_but_the_schema() -> None:
    assert {args.split()[0] for args, _ in CONSOLE} == set(COMMANDS) - {"schema"}


def test_the_python_of_the_readme_gives_what_its_comments_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"ls": ls}
    compared = 0
    for line in PYTHON.splitlines():
        code, mark, said = line.partition("#")
        if mark:
            assert repr(eval(code, names)) == said.strip()
            compared += 1
        else:
            exec(code, names)
    assert compared == 6


def test_help_names_every_command_and_the_readme_its_formats(folder: Path) -> None:
    said = run("--help", folder)
    assert all(re.search(rf"^  {name} ", said, re.MULTILINE) for name in COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"^\| `lstm-shapes {name}[ `]", README, re.MULTILINE)
        assert run(f"{name} --help", folder).startswith(f"Usage: lstm-shapes {name} ")
    for name in ("inspect", "params", "verify"):
        assert "<text|json|markdown|csv>" in run(f"{name} --help", folder)
    assert f"<{'|'.join(FORMATS)}>" in run("check --help", folder)
    assert all(f"`{form}`" in DOCS for form in FORMATS)


def test_the_page_about_ci_names_every_setting() -> None:
    (listed,) = re.findall(r"or lstm-shapes\.toml: (.*?)\.\n", DOCS, re.DOTALL)
    assert set(re.findall(r"`([a-z-]+)`", listed)) == set(settings._KEYS)


def test_the_set_up_commands_are_the_ones_that_ci_runs() -> None:
    setup = re.findall(r"```sh\n(.*?)\n```", README)
    assert [line.split(" && ")[1].split()[:3] for line in setup] == [
        ["python", "-m", "lstm_shapes"],
        ["python", "-m", "pytest"],
    ]
    pattern = r"s/^\(python -m pip install -e .* && python -m pytest\)$/\1/p"
    assert pattern in (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.fullmatch(r"python -m pip install -e .* && python -m pytest", setup[1])


def test_the_changelog_has_a_heading_for_numbers_and_names_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "### Numbers" in text
    assert "## [Unreleased]" in text or f"## [{ls.__version__}]" in text


def test_every_kind_of_file_is_on_the_page_of_formats() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert all(f"| `{kind}` |" in page for kind in KINDS)
    assert all(
        f"`{suffix}`" in page for suffix in (".keras", ".h5", ".pt", ".pth", ".safetensors", ".onnx", ".py", ".ipynb")
    )


def test_the_readme_counts_its_examples() -> None:
    count = len(list((ROOT / "examples").iterdir()))
    words = {15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen"}
    assert f"has {words[count]} models" in README


def test_links_of_the_documents_lead_somewhere() -> None:
    for document in (
        *PAGES,
        ROOT / "CONTRIBUTING.md",
        ROOT / "lstm_shapes" / "layers" / "README.md",
        ROOT / "benchmarks" / "README.md",
    ):
        text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert target.startswith("https://") or (document.parent / target).exists(), target
