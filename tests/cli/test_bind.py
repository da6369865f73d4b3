"""Values for the names of a script, by --bind and --set: as if the code had them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..command import completed as run

TORCH = """
from omegaconf import OmegaConf
from torch import nn
cfg = OmegaConf.load("conf.yaml")
config = load("classes.json")
class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        layers = config["layers"]
        self.lstm = nn.LSTM(cfg.model.width, cfg.model.hidden, num_layers=layers, bidirectional=cfg.model.both)
        self.head = nn.Linear(2 * cfg.model.hidden, config["classes"])
    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out)
net = Net(cfg)
"""
VALUES = {
    "cfg.model.width": "4",
    "cfg.model.hidden": "32",
    "cfg.model.both": "True",
    'config["layers"]': "2",
    'config["classes"]': "3",
}
BOUND = """
cfg:
  model: {width: 4, hidden: 32, both: true}
  seed: 1
config['layers']: 2
config_classes: 3
"""
KERAS = """
from keras import Sequential, layers
config = load()
model = Sequential([layers.Input((10, 8))])
model.add(layers.LSTM(config["hidden"], return_sequences=config["deep"]))
if config["deep"]:
    for units in config["sizes"]:
        model.add(layers.LSTM(units, return_sequences=True))
model.add(layers.Dense(1))
"""
OPTIONS = """
import argparse
from keras import Sequential, layers
parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=64)
args = parser.parse_args()
model = Sequential([layers.Input((10, 8)), layers.LSTM(args.units), layers.Dense(1)])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(TORCH)
    literal = TORCH
    for code, value in VALUES.items():
        literal = literal.replace(code, value)
    (tmp_path / "literal.py").write_text(literal)
    (tmp_path / "stack.py").write_text(KERAS)
    (tmp_path / "options.py").write_text(OPTIONS)
    (tmp_path / "conf.yaml").write_text(BOUND)
    (tmp_path / "idle.yaml").write_text("seed: 1\nhidden: 5\n")
    (tmp_path / "model.yaml").write_text("{input_dim: 8, layers: [{type: lstm, units: H}]}")
    return tmp_path


def rows(*arguments: str, cwd: Path) -> list[object]:
    """The name, parameters and outputs of each layer of each model."""
    done = run("inspect", *arguments, "--output-format", "json", cwd=cwd)
    reports = json.loads(done.stdout)
    reports = reports if isinstance(reports, list) else [reports]
    return [[layer["name"], layer["params"], layer["outputs"]] for report in reports for layer in report["layers"]]


def test_bound_values_are_as_if_the_code_had_them(folder: Path) -> None:
    literal = rows("literal.py", cwd=folder)
    assert rows("net.py", "--bind", "conf.yaml", cwd=folder) == literal
    assert rows("net.py", cwd=folder) != literal
    typed = [f"--set={name}={value}" for name, value in VALUES.items()]
    assert rows("net.py", *typed, cwd=folder) == literal


def test_set_takes_precedence_over_bind_and_a_later_file_over_an_earlier(folder: Path) -> None:
    (folder / "literal.py").write_text((folder / "literal.py").read_text().replace("32", "16"))
    literal = rows("literal.py", cwd=folder)
    assert rows("net.py", "--bind", "conf.yaml", "--set", "cfg.model.hidden=16", cwd=folder) == literal
    (folder / "later.json").write_text('{"cfg.model.hidden": 16}')
    assert rows("net.py", "--bind", "conf.yaml", "--bind", "later.json", cwd=folder) == literal
    assert rows("net.py", "--bind", "later.json", "--bind", "conf.yaml", cwd=folder) != literal


def test_lists_and_conditions_are_bound_too(folder: Path) -> None:
    (folder / "stack.json").write_text('{"config": {"hidden": 32, "deep": true, "sizes": [16, 4]}}')
    literal = KERAS
    for code, value in (('config["hidden"]', "32"), ('config["deep"]', "True"), ('config["sizes"]', "[16, 4]")):
        literal = literal.replace(code, value)
    (folder / "literal.py").write_text(literal)
    assert rows("stack.py", "--bind", "stack.json", cwd=folder) == rows("literal.py", cwd=folder)


def test_a_file_that_binds_nothing_is_named_and_changes_nothing(folder: Path) -> None:
    plain = run("inspect", "net.py", cwd=folder)
    idle = run("inspect", "net.py", "--bind", "idle.yaml", cwd=folder)
    assert (idle.stdout, idle.returncode) == (plain.stdout, plain.returncode)
    assert "note: --bind idle.yaml: none of its keys" in idle.stderr
    assert "--bind" not in run("inspect", "net.py", "--bind", "conf.yaml", cwd=folder).stderr
    checked = run("check", "--isolated", "net.py", "--bind", "idle.yaml", "--bind", "conf.yaml", cwd=folder)
    assert "--bind idle.yaml" in checked.stderr and "--bind conf.yaml" not in checked.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["inspect", "model.yaml", "--bind", "conf.yaml"], "model.yaml is neither; use --set"),
        (["sweep", "model.yaml", "--set", "H=1,2", "--bind", "conf.yaml"], "model.yaml is neither; use --set"),
        (["check", "--isolated", "model.yaml", "--bind", "conf.yaml"], "none was checked; use --set"),
        (["inspect", "net.py", "--bind", "gone.yaml"], "--bind gone.yaml: no such file"),
        (["inspect", "net.py", "--bind", "net.py"], "expected a mapping in YAML or JSON"),
        (["inspect", "net.py", "--bind", "list.yaml"], "expected a mapping in YAML or JSON"),
        (["inspect", "net.py", "--bind", "twice.yaml"], "cfg_hidden has two values, 1 and 2"),
        (["inspect", "net.py", "--bind", "broken.yaml"], "--bind broken.yaml: line 2: not YAML"),
        (["solve", "--input-dim", "8", "--params", "9000", "--bind", "conf.yaml"], "--bind: needs a FILE"),
        (["explain", "units", "--bind", "conf.yaml"], "--bind goes with a file, not with a topic"),
        (["inspect", "stack.py", "--set", "config_depp=true"], "--set config_depp: no size of the model"),
        (["inspect", "model.yaml", "--set", "H=true"], "--set H: is a size of the model"),
    ],
)
def test_what_cannot_be_bound_is_wrong_usage(arguments: list[str], words: str, folder: Path) -> None:
    (folder / "list.yaml").write_text("- 1\n")
    (folder / "twice.yaml").write_text("cfg: {hidden: 1}\ncfg.hidden: 2\n")
    (folder / "broken.yaml").write_text("cfg: [\n")
    done = run(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_the_default_of_an_option_is_replaced_swept_and_solved_for(folder: Path) -> None:
    (folder / "literal.py").write_text(OPTIONS.replace("default=64", "default=16"))
    assert rows("options.py", "--set", "units=16", cwd=folder) == rows("literal.py", cwd=folder)
    swept = run("sweep", "options.py", "--set", "units=16,64", "--output-format", "csv", cwd=folder)
    assert [line.split(",")[:2] for line in swept.stdout.splitlines()][1:] == [["16", "1617"], ["64", "18753"]]
    solved = run("solve", "options.py", "--for", "units", "--params", "16,000", cwd=folder)
    assert (
        solved.returncode == 0 and "units = 58 is the largest" in solved.stdout
    )  # 4*58*(8 + 58 + 1) + 58 + 1 = 15,603


CONSTANTS = """
from dataclasses import dataclass
from torch import nn
width = 8
@dataclass
class Config:
    hidden: int = 32
    both: bool = False
class Net(nn.Module):
    def __init__(self, config, classes=3):
        super().__init__()
        self.lstm = nn.LSTM(width, config.hidden, bidirectional=config.both)
        self.head = nn.Linear(config.hidden * (2 if config.both else 1), classes)
    def forward(self, x):
        return self.head(self.lstm(x)[0])
def main():
    net = Net(Config())
main()
"""


def test_set_replaces_constants_and_defaults_and_bind_does_not(folder: Path) -> None:
    (folder / "net.py").write_text(CONSTANTS)
    (folder / "all.yaml").write_text("{width: 5, hidden: 6, both: true, classes: 2}")
    assert rows("net.py", "--bind", "all.yaml", cwd=folder) == rows("net.py", cwd=folder)
    literal = CONSTANTS.replace("= 8", "= 5").replace("= 32", "= 6").replace("False", "True").replace("=3)", "=2)")
    (folder / "literal.py").write_text(literal)
    typed = ["--set=width=5", "--set=hidden=6", "--set=both=true", "--set=classes=2"]
    assert rows("net.py", *typed, cwd=folder) == rows("literal.py", cwd=folder) != rows("net.py", cwd=folder)
    solved = run("solve", "net.py", "--for", "hidden", "--params", "6000", "--set", "both=true", cwd=folder)
    assert solved.returncode == 0, solved.stderr
    assert "hidden = 22 is the largest" in solved.stdout  # 8*22*(8 + 22 + 2) + 3*(44 + 1) = 5,767; of 23: 6,213


def test_the_json_report_has_the_condition_of_a_branch_apart_from_the_name(folder: Path) -> None:
    both = json.loads(run("inspect", "net.py", "--output-format", "json", cwd=folder).stdout)
    assert [(report["name"], report["branch"]) for report in both] == [
        ("Net", "cfg.model.both"),
        ("Net", "not cfg.model.both"),
    ]
    assert "net.py: Net [not cfg.model.both]" in run("inspect", "net.py", cwd=folder).stdout
    chosen = run("inspect", "net.py", "--model", "Net [cfg.model.both]", "--output-format", "json", cwd=folder)
    assert json.loads(chosen.stdout)["branch"] == "cfg.model.both"
    decided = run("inspect", "net.py", "--set", "cfg.model.both=true", "--output-format", "json", cwd=folder)
    assert "branch" not in json.loads(decided.stdout)


def test_a_long_condition_is_cut_and_still_apart_from_the_name(folder: Path) -> None:
    long = "".join(f"_{number}" for number in range(90))
    (folder / "net.py").write_text(TORCH.replace("cfg.model.both", f"cfg.both{long}").replace("Net", f"Net{long}"))
    report = json.loads(run("inspect", "net.py", "--output-format", "json", cwd=folder).stdout)[0]
    assert report["branch"] and "[" not in report["name"] and report["name"].startswith("Net_0_1")


def test_a_call_is_spelled_as_in_the_code(folder: Path) -> None:
    (folder / "call.py").write_text(
        OPTIONS.replace("args.units", "len(names)").replace("args = parser.parse_args()", "names = load()")
    )
    (folder / "literal.py").write_text(OPTIONS.replace("args.units", "7"))
    for spelling in ("len(names)", "len_names"):
        assert rows("call.py", "--set", f"{spelling}=7", cwd=folder) == rows("literal.py", cwd=folder)


def test_an_entry_that_is_read_with_a_default_is_spelled_as_one_that_is_not(folder: Path) -> None:
    (folder / "get.py").write_text(KERAS.replace('config["hidden"]', 'config.get("hidden", 9)'))
    (folder / "hidden.yaml").write_text("config: {hidden: 32, deep: false}")
    for option in (["--bind", "hidden.yaml"], ["--set=config.hidden=32", "--set=config.deep=false"]):
        assert rows("get.py", *option, cwd=folder) == rows("stack.py", *option, cwd=folder) != []
    assert rows("get.py", "--set=hidden=32", "--set=config.deep=false", cwd=folder) == rows(
        "stack.py", *option, cwd=folder
    )


@pytest.mark.parametrize(
    "command",
    [
        "inspect",
        "verify",
        "explain",
        "convert --to yaml",
        "sweep --set units=1,2",
        "solve --for units --params 9k",
        "check",
    ],
)
def test_the_output_does_not_replace_a_file_that_is_bound(command: str, folder: Path) -> None:
    name, *more = command.split()
    done = run(name, "options.py", *more, "--bind", "conf.yaml", "-o", "conf.yaml", cwd=folder)
    assert done.returncode == 2 and "conf.yaml" in done.stderr, done.stderr
    assert (folder / "conf.yaml").read_text() == BOUND


def test_a_check_decides_branches_by_set_and_bind(folder: Path) -> None:
    (folder / "bad.py").write_text(
        "from keras import Sequential, layers\ncfg = load()\nmodel = Sequential([layers.Input((10, 8)), "
        "layers.LSTM(4, return_sequences=cfg.deep), layers.LSTM(4)])\n"
    )
    (folder / "deep.yaml").write_text("cfg: {deep: true}\n")
    assert run("check", "--isolated", "bad.py", cwd=folder).returncode == 1
    assert run("check", "--isolated", "bad.py", "--set", "cfg.deep=true", cwd=folder).returncode == 0
    assert run("check", "--isolated", "bad.py", "--bind", "deep.yaml", cwd=folder).returncode == 0
    assert (
        run("check", "--isolated", "bad.py", "--bind", "deep.yaml", "--set", "cfg_deep=false", cwd=folder).returncode
        == 1
    )


def test_a_comparison_of_scripts_gives_both_sides_the_values(folder: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    subprocess.run([*git, "add", "options.py", "net.py"], cwd=folder, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], cwd=folder, check=True)
    (folder / "old.py").write_text(OPTIONS)
    (folder / "options.py").write_text(OPTIONS.replace("(10, 8)", "(10, 9)"))
    for before in ("HEAD", "./old.py"):
        done = run("check", "--isolated", "--diff", before, "options.py", "--set", "units=2", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "total params: 91 -> 99 (+8)" in done.stdout, before  # 4*2*(8 + 2 + 1) + 3, a feature more: 4*2
