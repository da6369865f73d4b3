"""Specs gone wrong in every way that a seeded random source comes up with, and what holds of all of them."""
# ruff: noqa: E501 - a case is easier to read in one line

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from lstm_shapes import formats
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.analysis.verify.verify import verify
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import BREAK
from lstm_shapes.layers import FAMILIES
from lstm_shapes.render import csv, markdown, plain, text
from lstm_shapes.render import json as as_json
from lstm_shapes.rules.catalog import kinds
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.symbolic.size import Size, shown, total
from lstm_shapes.views import findings
from lstm_shapes.views import inspect as said
from lstm_shapes.views import verify as verification

ROOT = Path(__file__).resolve().parents[2]
INLINE = {
    "graph.yaml": b"""framework: keras
dims: {H: 4, T: 5}
inputs: {left: [B, T, 8], right: [B, T, 8]}
layers:
  - {type: lstm, name: encoder, units: 2*H, return_state: true, inputs: left}
  - {type: lstm, name: decoder, units: 2*H, inputs: right, initial_state: [encoder.h, encoder.c], return_sequences: true}
  - {use: decoder, name: again, inputs: left}
  - {type: add, inputs: [decoder, again], name: sum}
  - {type: model, name: block, repeat: 2, layers: [{type: dense, units: 3}, {type: dropout, rate: 0.5}]}
  - {type: bidirectional, layer: {type: gru, units: 3}, merge: sum, expect: {output: [B, 3], params: 144}}
outputs: [bidirectional, sum]
budget: {params: 20000, bytes: 80000, macs: 1000*B*T}
""",
    "torch.json": json.dumps(
        {
            "framework": "torch",
            "input_dim": 3,
            "layers": [
                {"type": "lstm", "units": 4, "num_layers": 2, "bidirectional": True, "proj_size": 2, "return_sequences": True},
                {"type": "time_distributed", "layer": {"type": "dense", "units": "H"}},
                {"type": "reshape", "target_shape": [-1, 2, "H"]},
                {"type": "flatten"},
                {"type": "custom", "output": ["B", 7], "params": 3},
            ],
            "expect": {"params": "H*2"},
        }
    ).encode(),
    "images.yaml": b"""inputs: {film: [B, T, 12, 12, 3]}
layers:
  - {type: conv_lstm2d, filters: 2, kernel_size: 3, return_sequences: true, padding: same}
  - {type: time_distributed, layer: {type: flatten}}
  - {type: masking, mask_value: 0}
  - {type: gru, units: 3, reset_after: false}
  - {type: repeat_vector, n: T//2}
  - {type: permute, dims: [2, 1]}
""",
    "tokens.yaml": b"layers:\n- {type: embedding, vocab: V, units: D}\n- {type: simple_rnn, hidden_size: H, bias: false}\n- linear\n",
}  # fmt: skip
VALUES: list[Any] = [
    0, -1, 1, 2**31, 2**63 - 1, 2**63, 10**39, -(2**63), 0.5, 4.0, 1e308, -0.0, float("inf"), float("nan"), True, False, None,
    "", " ", "4", "20_000", "1e3", "yes", "010", "1:30", "H", "H-9", "T//2", "(H)//(B-1)", "H*H*H*T", "2*", "((((", "B+" * 99 + "B",
    "*".join("H" * 400), "x" * 2000, "encoder", "encoder.h", "encoder.zzz", ".", "input", "lstm", "LSTM", "model", "custom", "keras",
    "torch", "=1+1", "::error::x", "[red]x[/red]", "a|b", "\x1b[31m", "\u202e", "\u2028", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "none", "concat", "relu", "valid", [], [[]], {}, [1, 2], [-1], [-1, -1], ["B", "T"], ["B", "T", 8], [0], [None], ["T", 2.0], [1] * 70,
    [2**62] * 60, {"type": "lstm", "units": 2}, {"layers": []}, {"type": "model", "layers": [{"type": "dense", "units": 2}]},
    {"type": "bidirectional", "layer": {"type": "dense", "units": 2}}, {"params": 1}, {"output": ["B"]}, {"states": {"h": ["B"]}}, {"H": 0},
]  # fmt: skip
KEYS = """type name units input_dim inputs layers layer backward_layer outputs expect budget dims repeat use initial_state merge bidirectional
    num_layers return_sequences return_state rate n target_shape axis params output kernel_size strides padding dilation_rate vocab mask_zero
    proj_size peephole reset_after bias activation recurrent_activation trainable framework dtype batch timesteps zzz""".split()
TOKENS = [*b"{}[]:,-#&*!|>'\"%@`~?\n\t \0", 0xFF, 0x85, *b"0123456789"]


def seeds() -> dict[str, bytes]:
    """Every example that there is, and a few specs that use all of the language."""
    files = [*ROOT.glob("examples/*.yaml"), *ROOT.glob("examples/*.json")]
    return {**INLINE, **{file.name: file.read_bytes() for file in sorted(files)}}


def mutants(count: int, seed: int) -> Iterator[tuple[int, str, bytes]]:
    """Texts with the number each is made from; the same for the same seed."""
    known = list(seeds().items())
    for number in range(count):
        source = random.Random(f"{seed} {number}")
        name, raw = source.choice(known)
        for _ in range(source.choice((1, 1, 1, 2, 3, 6))):
            name, raw = source.choice(WAYS)(source, name, raw)
        yield number, name, raw[:20_000]


def lines(source: random.Random, name: str, raw: bytes) -> tuple[str, bytes]:
    rows = raw.splitlines(keepends=True) or [b""]
    here, there = source.randrange(len(rows)), source.randrange(len(rows))
    match source.randrange(4):
        case 0:
            del rows[here]
        case 1:
            rows.insert(there, rows[here])
        case 2:
            rows[here], rows[there] = rows[there], rows[here]
        case 3:
            rows[here] = b" " * source.randrange(8) + rows[here].lstrip()
    return name, b"".join(rows)


def tokens(source: random.Random, name: str, raw: bytes) -> tuple[str, bytes]:
    words = re.findall(rb"\w+|\s+|.", raw, re.DOTALL) or [b""]
    here, there = source.randrange(len(words)), source.randrange(len(words))
    match source.randrange(4):
        case 0:
            del words[here]
        case 1:
            words[here] = words[there]
        case 2:
            words[here], words[there] = words[there], words[here]
        case 3:
            words[here] = json.dumps(source.choice(VALUES)).encode()
    return name, b"".join(words)


def flips(source: random.Random, name: str, raw: bytes) -> tuple[str, bytes]:
    changed = bytearray(raw or b" ")
    for _ in range(source.randrange(1, 4)):
        changed[source.randrange(len(changed))] = source.choice((source.choice(TOKENS), source.randrange(256)))
    return name, bytes(changed[: source.choice((len(changed), source.randrange(len(changed) + 1)))])


def noise(source: random.Random, name: str, raw: bytes) -> tuple[str, bytes]:
    return name, bytes(
        source.choice((source.choice(TOKENS), source.randrange(256))) for _ in range(source.randrange(60))
    )


def structure(source: random.Random, name: str, raw: bytes) -> tuple[str, bytes]:
    """The data changed, and written again as JSON: what is left of it is well formed."""
    try:
        data = yaml.safe_load(raw)
        holders = [value for value in _walk(data) if isinstance(value, dict | list)]
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError, TypeError):
        return flips(source, name, raw)
    for _ in range(source.randrange(1, 3)):
        if holders:
            _change(source, source.choice(holders))
    suffix = source.choice((".json", ".yaml"))
    return f"{Path(name).stem}{suffix}", json.dumps(data, default=str, ensure_ascii=source.random() < 0.5).encode(
        "utf-8", "replace"
    )


def _change(source: random.Random, holder: Any) -> None:
    value = source.choice(VALUES)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if not keys or source.random() < 0.3:
        if isinstance(holder, dict):
            holder[source.choice(KEYS)] = value
        else:
            holder.insert(source.randrange(len(holder) + 1), value)
    elif source.random() < 0.2:
        del holder[source.choice(keys)]
    elif "type" in keys and source.random() < 0.3:
        holder["type"] = source.choice(list(FAMILIES))
    else:
        holder[source.choice(keys)] = value


def _walk(data: Any, depth: int = 0) -> Iterator[Any]:
    yield data
    if depth < 50:
        for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from _walk(value, depth + 1)


WAYS: list[Callable[[random.Random, str, bytes], tuple[str, bytes]]] = [lines, tokens, flips, noise, *[structure] * 5]


def survive(name: str, raw: bytes, *, run: bool) -> int:
    """Everything that a command does with a file, and what holds of the answer; how many findings it had."""
    document = formats.parse(name, raw)
    reading = spec.read(document)
    answer = report(reading)
    for finding in answer.findings:
        placed(finding, raw)
    consistent(answer)
    page = said.page(answer, weights=True)
    printed = [form.render(page) for form in (plain, markdown)] + [findings.render(answer.findings), rows(answer)]
    printed.append(text.render(page, width=80, color=False))
    for one in printed:
        assert not re.search(
            "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", re.sub("\x1b\\[[0-9;]*m", "", one)
        )
        assert not re.search("^::", one, re.MULTILINE)
    data = json.loads(as_json.written(said.data(answer)))
    assert len(data["findings"]) == len(answer.findings)
    if run:
        outcome = verify(reading, max_macs=20_000, max_elements=5_000)
        assert outcome.verdict != "disagrees", outcome
        plain.render(verification.page(outcome))
        json.loads(as_json.written(verification.data(outcome)))
    return len(answer.findings)


def rows(answer: Report) -> str:
    cells = [
        (answer.source, row.name, row.type, said.outputs(row.outputs), row.params, row.formula, row.macs)
        for row in answer.layers
    ]
    cells += [
        (answer.source, weight.name, weight.axes, shown(weight.shape), weight.params)
        for row in answer.layers
        for weight in row.weights
    ]
    return csv.render(("source",), cells)


def placed(finding: Finding, raw: bytes) -> None:
    """An id of the table, and a place inside the text."""
    assert finding.rule == kinds()[finding.kind]
    place = finding.place
    assert finding.message and place, finding
    texts = BREAK.split(raw.decode("utf-8-sig", "replace"))
    assert 1 <= place.line <= len(texts), finding
    assert 1 <= place.column <= len(texts[place.line - 1]) + 1, (finding, texts[place.line - 1])
    assert (place.line, place.column) <= (place.end_line, place.end_column), finding


def consistent(answer: Report) -> None:
    """Totals are the sums of their rows, and a row the sum of its tensors; nothing unknown is left unsaid."""
    sums = answer.totals
    assert sums.params_at_least == _sum(row.params for row in answer.layers)
    assert sums.trainable_params_at_least + sums.non_trainable_params_at_least == sums.params_at_least
    assert sums.param_bytes_at_least == sums.params_at_least * DTYPES.get(answer.dtype, 0)
    assert sums.macs_at_least == _sum(row.macs for row in answer.layers)
    assert (sums.params is not None) == answer.complete
    assert sums.params in (None, sums.params_at_least)
    for row in answer.layers:
        assert (row.params is None) <= (not answer.complete)
        if row.params is not None and not row.declared and not row.layers:
            assert row.params == total(weight.params for weight in row.weights), row


def _sum(sizes: Any) -> Size:
    return total(size for size in sizes if size is not None)
