"""Which files a check reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_shapes.checking.discover import SKIPPED_FOLDERS, NothingFound, candidates
from lstm_shapes.checking.run import check
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats.limits import MAX_BYTES

MODEL = "input_dim: 8\nlayers: [{type: lstm, units: 4}]\n"
DEEP = sys.getrecursionlimit() + 100


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MODEL, "utf-8")


def found(root: Path, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    named = paths or (".",)
    before = Path.cwd()
    os.chdir(root)
    try:
        return [
            file.path for file in candidates(named, Settings(exclude=exclude)) if not file.skipped and not file.problem
        ]
    finally:
        os.chdir(before)


def test_a_folder_is_walked_in_the_order_of_names_and_other_files_are_not_read(tmp_path: Path) -> None:
    tree(tmp_path, "b.yaml", "a/z.json", "a/y.yml", "c.txt", "d.YAML")
    assert found(tmp_path) == ["a/y.yml", "a/z.json", "b.yaml", "d.YAML"]


@pytest.mark.parametrize("folder", sorted(SKIPPED_FOLDERS))
def test_folders_of_tools_are_left_alone_unless_they_are_named(folder: str, tmp_path: Path) -> None:
    tree(tmp_path, f"{folder}/a.yaml", "b.yaml")
    assert found(tmp_path) == ["b.yaml"]
    assert found(tmp_path, folder) == [f"{folder}/a.yaml"]


def test_a_virtual_environment_of_any_name_is_left_alone(tmp_path: Path) -> None:
    tree(tmp_path, "my_env/lib/a.yaml", "b.yaml")
    (tmp_path / "my_env" / "pyvenv.cfg").touch()
    assert found(tmp_path) == ["b.yaml"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("old", ["a/b.yaml", "a/c.yaml"]),
        ("old/", ["a/b.yaml", "a/c.yaml"]),
        ("c.yaml", ["a/b.yaml", "old/b.yaml"]),
        ("*/b.yaml", ["a/c.yaml", "old/c.yaml"]),
        ("a/c.*", ["a/b.yaml", "old/b.yaml", "old/c.yaml"]),
        ("*", []),
    ],
)
def test_a_pattern_excludes_a_folder_a_name_or_a_path(pattern: str, left: list[str], tmp_path: Path) -> None:
    tree(tmp_path, "a/b.yaml", "a/c.yaml", "old/b.yaml", "old/c.yaml")
    assert found(tmp_path, exclude=(pattern,)) == left
    assert found(tmp_path, "old/c.yaml", exclude=(pattern,)) == ["old/c.yaml"]


def test_a_file_is_read_once_however_often_it_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.yaml")
    (tmp_path / "link.yaml").symlink_to("a/b.yaml")
    assert found(tmp_path, "a", "a/b.yaml", "./a/../a/b.yaml", "link.yaml") == ["a/b.yaml"]


def test_links_to_folders_are_not_followed_so_that_a_circle_ends(tmp_path: Path) -> None:
    tree(tmp_path, "a/b.yaml")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert found(tmp_path) == ["a/b.yaml"]


def test_what_is_no_file_is_passed_by_in_a_walk(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "nowhere.yaml").symlink_to("gone")
    assert found(tmp_path) == ["a.yaml"]


def test_a_path_that_is_not_there_is_a_mistake_in_the_command(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match=r"gone: no such file or directory$"):
        check([str(tmp_path / "gone")], Settings())


@pytest.mark.parametrize("target", ["../secret.yaml", "{root}/secret.yaml", "deep/../../secret.yaml", "chain.yaml"])
def test_a_link_out_of_the_folder_is_not_opened_and_counted(target: str, tmp_path: Path) -> None:
    tree(tmp_path, "secret.yaml", "models/a.yaml", "models/deep/b.yaml")
    (tmp_path / "models" / "chain.yaml").symlink_to("../secret.yaml")
    (tmp_path / "models" / "link.yaml").symlink_to(target.format(root=tmp_path))
    assert found(tmp_path, "models") == ["models/a.yaml", "models/deep/b.yaml"]
    outcome = check([str(tmp_path / "models")], Settings())
    assert [Path(file.source).name for file in outcome.files] == ["a.yaml", "b.yaml"]
    assert outcome.skipped == 2


def test_a_link_inside_the_folder_is_followed_but_not_into_a_folder_that_is_not_searched(tmp_path: Path) -> None:
    tree(tmp_path, "other/a.yaml", ".git/config", "models/build/b.yaml")
    (tmp_path / "models" / "twin.yaml").symlink_to("../other/a.yaml")
    (tmp_path / "models" / "config.yaml").symlink_to("../.git/config")
    (tmp_path / "models" / "built.yaml").symlink_to("build/b.yaml")
    assert found(tmp_path) == ["models/twin.yaml"]
    assert found(tmp_path, "models") == []
    assert found(tmp_path, "models/config.yaml") == ["models/config.yaml"]


def test_files_above_the_size_limit_that_do_not_begin_as_models_are_counted(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "small.yaml")
    (tmp_path / "small.yaml").write_text("steps: []\n")
    (tmp_path / "data.json").write_bytes(b" " * (MAX_BYTES + 1))
    (tmp_path / "model.yaml").write_bytes(MODEL.encode() + b"#" * MAX_BYTES)
    outcome = check([str(tmp_path)], Settings())
    assert [Path(file.source).name for file in outcome.files] == ["a.yaml", "model.yaml"]
    assert outcome.summary == "1 error in 2 files (2 skipped, 1 of them larger than 16 MiB)"


def test_folders_may_be_nested_deeper_than_functions_can_call_each_other(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(DEEP):
            os.mkdir("d")
            os.chdir("d")
        Path("m.yaml").write_text(MODEL, "utf-8")
    finally:
        os.chdir(before)
    deep = found(tmp_path)
    subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)  # pytest itself could not
    assert deep == ["d/" * DEEP + "m.yaml"]
