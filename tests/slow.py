"""The slow tests, by the beginning of their id: what takes half a second or more, or has very many cases."""

SLOW = (
    "tests/analysis/test_diff.py",
    "tests/analysis/test_solve.py",
    "tests/checking/test_revisions.py",
    "tests/cli/test_imports.py",
    "tests/cli/test_output.py::test_interrupted",
    "tests/cli/test_sweep.py::test_a_million_points_take_a_few_seconds",
    "tests/cli/test_terminal.py",
    "tests/explain/test_model.py",
    "tests/formats/test_json.py::test_fifty_thousand_layers",
    "tests/formats/test_yaml.py::test_fifty_thousand_layers",
    "tests/hostile",
    "tests/layers/test_laws.py",
    "tests/render/test_fingerprint.py",
    "tests/spec/test_schema.py",
    "tests/symbolic/test_size.py::test_random_expressions",
    "tests/test_contributing.py::test_whoever_touches",
    "tests/test_examples.py::test_an_example_is_confirmed_by_a_run",
    "tests/test_fuzz.py",
    "tests/test_integrations.py",
)
