"""Tests with very many cases or much work, by the beginning of their id, and how many cases run outside CI.

The first case always runs, the others are drawn at random, the same each time. A test with 0 is left to CI. All cases
run with ``LSTM_SHAPES_PROFILE=ci``, and wherever the command line names a test by its id.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .profiles import PROFILE, few

SAMPLED = {
    "tests/analysis/test_diff.py::test_the_laws": 12,
    "tests/analysis/test_layout.py::test_the_printed_function_makes_every": 8,
    "tests/analysis/test_params.py::test_the_gates_share_out": 20,
    "tests/analysis/test_params.py::test_the_text_that_is_worked": 20,
    "tests/analysis/test_sweep.py::test_the_points_that_make": 4,
    "tests/analysis/test_verify.py::test_every_family_is_confirmed": 40,
    "tests/checking/test_gitignore.py::test_random_trees": 5,
    "tests/checking/test_revisions.py::test_a_file_is_as_it_was": 3,
    "tests/checking/test_revisions.py::test_what_is_no_revision": 5,
    "tests/cli/test_diff.py::test_every_format_has": 3,
    "tests/cli/test_diff.py::test_no_name_in_a_difference": 2,
    "tests/cli/test_diff.py::test_nothing_that_was_read": 6,
    "tests/cli/test_fix.py::test_a_fix_changes_the_literal": 12,
    "tests/cli/test_fix.py::test_no_fix_of_a_case": 8,
    "tests/cli/test_imports.py::test_a_command_loads": 2,
    "tests/cli/test_output.py::test_a_pipe_that_nobody_reads": 2,
    "tests/cli/test_terminal.py::test_a_terminal_shows_a_table": 1,
    "tests/cli/test_widths.py::test_what_is_printed_fits": 12,
    "tests/explain/test_model.py::test_a_hostile_name": 2,
    "tests/explain/test_model.py::test_every_valid_or_broken_model": 15,
    "tests/explain/test_topics.py::test_a_claim_holds": 12,
    "tests/formats/test_archives.py::test_seventy_thousand_members": 0,
    "tests/golden/test_golden.py::test_a_layer_gives": 100,
    "tests/hostile/test_answer_size.py::test_a_flood_of_mistakes": 4,
    "tests/hostile/test_answer_size.py::test_no_format_prints": 2,
    "tests/hostile/test_answer_size.py::test_ten_thousand_comments": 2,
    "tests/hostile/test_answer_size.py::test_very_many_duplicate_keys": 1,
    "tests/hostile/test_check.py::test_no_name_breaks": 3,
    "tests/hostile/test_files.py::test_a_closed_pipe": 1,
    "tests/hostile/test_graph.py::test_a_hostile_graph": 8,
    "tests/hostile/test_names.py::test_a_converted_model_holds": 8,
    "tests/hostile/test_names.py::test_csv_is_read_back": 12,
    "tests/hostile/test_names.py::test_json_is_ascii": 8,
    "tests/hostile/test_names.py::test_text_holds_no_control": 10,
    "tests/hostile/test_onnx.py::test_a_hostile_file": 8,
    "tests/hostile/test_yaml.py::test_a_hostile_file": 12,
    "tests/importers/keras/test_recorded.py::test_a_recorded_model_converted": 12,
    "tests/importers/keras/test_translation.py::test_a_file_of_nonsense": 0,
    "tests/layers/test_laws.py::test_a_figure": 70,
    "tests/layers/test_laws.py::test_a_frameworks_tensors": 120,
    "tests/layers/test_laws.py::test_a_run": 130,
    "tests/layers/test_laws.py::test_every_recurrent_cell": 15,
    "tests/layers/test_open_stack.py::test_every_figure_bound": 6,
    "tests/oracles/test_layout.py::test_a_layer_with_converted": 12,
    "tests/random_models/test_models.py::test_a_symbolic_model": 1,
    "tests/render/test_sarif.py::test_hostile_text": 8,
    "tests/render/test_tables.py::test_csv_has": 10,
    "tests/rules/test_pages.py::test_the_pages_are_there_when": 0,
    "tests/spec/test_every_key.py::test_no_key_is_dropped": 4,
    "tests/spec/test_schema.py::test_an_example_and_a_fixed_case": 15,
    "tests/symbolic/test_size.py::test_random_expressions": 2,
    "tests/test_examples.py::test_an_example_is_confirmed": 4,
    "tests/test_integrations.py::test_a_revision_is_one_word": 1,
    "tests/test_integrations.py::test_the_action_compares": 0,
    "tests/test_integrations.py::test_the_hook_runs_in_pre_commit": 0,
    "tests/test_integrations.py::test_what_an_input_says": 1,
}


def left_out(items: Sequence[pytest.Item], arguments: Sequence[str]) -> set[pytest.Item]:
    """The tests that do not run: in CI, and where an argument names a test, none."""
    if PROFILE == "ci" or any("::" in argument for argument in arguments):
        return set()
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        for beginning in SAMPLED:
            if item.nodeid.startswith(beginning):
                cases.setdefault(beginning, []).append(item)
    left: set[pytest.Item] = set()
    for beginning, all_cases in cases.items():
        left |= {*all_cases} - {*(few(all_cases, SAMPLED[beginning]) if SAMPLED[beginning] else ())}
    return left
