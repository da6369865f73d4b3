"""Large files: bytes to text, against PyYAML's C loader; and whether the time per layer stays."""

from __future__ import annotations

import json
import random
from statistics import median

import yaml
from timing import interleaved, line, ratio

from lstm_shapes.analysis.report import report
from lstm_shapes.formats import parse
from lstm_shapes.formats.without_gc import without_gc
from lstm_shapes.render import plain
from lstm_shapes.render.json import written
from lstm_shapes.spec.reader import read
from lstm_shapes.views.inspect import data, page


def spec(layers: int) -> str:
    """A stack of this many recurrent and dense layers, their units and kinds drawn at random."""
    draw = random.Random(layers)
    lines = ["name: large", "input_dim: 8", "layers:"]
    for number in range(layers):
        kind = draw.choice(("lstm", "gru", "rnn", "dense"))
        more = "" if kind == "dense" else ", return_sequences: true"
        lines.append(f"  - {{type: {kind}, name: layer_{number}, units: {draw.randint(1, 500)}{more}}}")
    return "\n".join(lines) + "\n"


def convolutions(layers: int, settings: str) -> str:
    """A stack of this many convolutions along an axis of unknown length."""
    lines = ["name: large", "inputs: {x: [B, T, 8]}", "layers:"]
    for number in range(layers):
        lines.append(f"  - {{type: conv1d, name: layer_{number}, filters: 8, kernel_size: 3, {settings}}}")
    return "\n".join(lines) + "\n"


CONVOLUTIONS = {
    "padding same": "padding: same",
    "padding valid": "padding: valid",
    "strides of 2": "padding: valid, strides: 2",
}


def inspect(raw: bytes) -> str:
    """The work of ``inspect`` between reading the file and printing."""
    with without_gc():
        return plain.render(page(report(read(parse("large.yaml", raw)), weights=False)))


def inspect_json(name: str, raw: bytes) -> str:
    """The same for ``inspect --output-format json``."""
    with without_gc():
        return written(data(report(read(parse(name, raw)))))


def main() -> None:
    """Print the ratio to the loader, then the ratio of times per layer."""
    small, large = spec(1_000), spec(20_000)
    as_json = json.dumps(yaml.load(small, Loader=yaml.CLoader), indent=1)
    runs = {
        "loader": lambda: yaml.load(small, Loader=yaml.CLoader),
        "small": lambda: inspect(small.encode()),
        "large": lambda: inspect(large.encode()),
        "YAML to JSON": lambda: inspect_json("large.yaml", small.encode()),
        "JSON to JSON": lambda: inspect_json("large.json", as_json.encode()),
    }
    seconds = interleaved(runs, 9)
    taken = seconds["small"]
    print(f"PyYAML's C loader on 1,000 layers: {median(seconds['loader']) * 1000:.2f} ms")
    print(line("1,000 layers inspected, to the loader", median(taken), ratio(taken, seconds["loader"]), 2.3))
    for name in ("YAML to JSON", "JSON to JSON"):
        row = f"the same, {name}, to the loader"
        print(line(row, median(seconds[name]), ratio(seconds[name], seconds["loader"]), 3.3))
    per_layer = [duration / 20 for duration in seconds["large"]]
    print(line("20,000 layers, per 1,000, to 1,000 layers", median(per_layer), ratio(per_layer, taken), 1.5))
    for name, settings in CONVOLUTIONS.items():
        of_convolutions(name, convolutions(1_000, settings))


def of_convolutions(name: str, text: str) -> None:
    """Print a row for each output of a stack of convolutions."""
    runs = {
        "loader": lambda: yaml.load(text, Loader=yaml.CLoader),
        "text": lambda: inspect(text.encode()),
        "JSON": lambda: inspect_json("large.yaml", text.encode()),
    }
    seconds = interleaved(runs, 9)
    for output, limit in (("text", 2.3), ("JSON", 3.3)):
        row = f"1,000 convolutions, {name}, to {output}"
        print(line(row, median(seconds[output]), ratio(seconds[output], seconds["loader"]), limit))


if __name__ == "__main__":
    main()
