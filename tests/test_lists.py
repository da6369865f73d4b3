"""The lists: what there is stands in them, and what stands in them is there. And what importing costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lstm_shapes
from lstm_shapes.findings import kinds
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.rules import catalog

from . import mutations
from .layer_settings import cases

ROOT = Path(lstm_shapes.__file__).parent
NO_FAMILY = (
    "__init__ base recurrent gated fields conditions gates activations activation_names stack open_stack module "
    "wrapper axes settings phrases repeated ranges broadcasting window channels convolving directions_apart spatial "
    "output_names"
).split()
"""Files of layers/ that are not a family of the list: what several share, and what the reader makes of others."""


def test_every_file_of_layers_is_in_the_list() -> None:
    listed = {where.split(".")[0] for where in FAMILIES.values()}
    files = {path.stem for path in (ROOT / "layers").glob("*.py")}
    assert files == listed | set(NO_FAMILY)
    assert not listed & set(NO_FAMILY)
    assert {type_: family(type_).type for type_ in FAMILIES} == {type_: type_ for type_ in FAMILIES}


def test_every_file_of_frameworks_that_describes_one_is_in_the_list() -> None:
    files = (path for path in (ROOT / "frameworks").glob("*.py") if "= Framework(" in path.read_text("utf-8"))
    describing = {path.stem.replace("_", "-") for path in files}
    assert describing == set(FRAMEWORKS) == {framework.name for framework in FRAMEWORKS.values()}


def test_the_command_line_offers_the_frameworks_that_there_are() -> None:
    from lstm_shapes.cli.options import FrameworkName

    assert [str(framework) for framework in FrameworkName] == list(FRAMEWORKS)


@pytest.mark.parametrize("type_", FAMILIES)
def test_a_family_with_weights_has_a_layout_in_some_framework(type_: str) -> None:
    with_layout = [name for name, framework in FRAMEWORKS.items() if type_ in framework.layouts]
    assert bool(with_layout) == bool(family(type_).weight_docs), f"{type_}: add a Layout in frameworks/"
    assert bool(with_layout) == any(case.layer.weight_axes() for case in cases(type_))


def test_the_settings_that_a_framework_lacks_are_fields() -> None:
    for framework in FRAMEWORKS.values():
        known = {type_: vars(family(type_))["__dataclass_fields__"] for type_ in FAMILIES}
        for type_, field in framework.lacks:
            assert field in known[type_]
        assert all(field in known[type_] for type_, given in framework.defaults.items() for field in given)


def test_every_kind_of_finding_has_an_id_of_its_own_in_ascending_blocks() -> None:
    ids = [kind.id for kind in catalog.kinds().values()]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    assert [kind.id for kind in KINDS.values()] == sorted(kind.id for kind in KINDS.values())
    assert all(len(id) == 5 and id[2:].isdigit() and f"{id[:3]}xx" in str(kinds.__doc__) for id in ids)
    assert all(kind.severity in ("error", "warning", "note") for kind in catalog.kinds().values())


def test_the_public_names_are_there() -> None:
    assert {name for name in lstm_shapes.__all__ if not hasattr(lstm_shapes, name)} == set()
    assert set(dir(lstm_shapes)) == set(lstm_shapes.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        lstm_shapes.nothing  # noqa: B018


HEAVY = {"numpy", "yaml", "typer", "rich", "click", "pydantic", "sympy", "lstm_shapes.layers", "dataclasses"}


def loaded(code: str) -> set[str]:
    """What a fresh interpreter has loaded after this code."""
    program = f"import json, sys\nbefore = set(sys.modules)\n{code}\nprint(json.dumps([*set(sys.modules) - before]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded("import lstm_shapes") & HEAVY
    assert loaded("import lstm_shapes.api") & HEAVY


def test_a_model_that_is_not_run_needs_no_numpy() -> None:
    code = "import lstm_shapes as ls; ls.inspect({'input_dim': 8, 'layers': [{'type': 'lstm', 'units': 32}]})"
    assert not loaded(code) & {"numpy", "typer", "rich", "yaml"}
    assert "numpy" in loaded(code.replace("inspect", "verify"))


def test_every_mutation_changes_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    mutations.check_list()
    stale = mutations.MUTATIONS[0]._replace(old="no such text")
    monkeypatch.setattr(mutations, "MUTATIONS", (stale,))
    with pytest.raises(ValueError, match="0 times, expected once"):
        mutations.check_list()
