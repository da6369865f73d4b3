"""A checkpoint of 1 GB inspected, in both forms and as safetensors: time and memory, next to what PyTorch takes."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from timing import interleaved, line, ratio

ROUNDS = 9
COMMAND = (sys.executable, "-m", "lstm_shapes")
SECONDS, MEMORY = 0.3, 60
"""The limits of an inspection, the memory in MB."""
WIDTH, LAYERS = 2_048, 8
"""LSTMs of this width, one above another: 8*(2*4*2048*2048 + 2*4*2048) numbers of four bytes are 1.07 GB."""
WITH_TORCH = "import sys, torch; torch.load(sys.argv[1], map_location='cpu', mmap=sys.argv[1].endswith('zip.pt'))"


def main() -> None:
    """Write the files, whose numbers are holes on the disk, and print a row for each."""
    with tempfile.TemporaryDirectory() as folder:
        files = [write(Path(folder)) for write in (zipped, legacy, safetensors)]
        commands = {file.name: (*COMMAND, "inspect", str(file)) for file in files}
        if find_spec("torch"):
            commands["torch.load"] = (sys.executable, "-c", WITH_TORCH, str(files[0]))
        bare = (sys.executable, "-c", "pass")
        runs = {"bare": bare, **commands}
        seconds = interleaved({name: lambda args=args: run(args) for name, args in runs.items()}, ROUNDS)
        print(f"bare python start: {median(seconds['bare']) * 1000:.2f} ms")
        for file in files:
            taken, held = seconds[file.name], memory(commands[file.name])
            size = f"{file.stat().st_size / 1e9:.1f} GB"
            print(line(f"{file.name}, {size}", median(taken), ratio(taken, seconds["bare"]), 20.0))
            print(f"  {median(taken):.3f} s (limit {SECONDS}), {held:.0f} MB (limit {MEMORY})")
        if "torch.load" in commands:
            held = memory(commands["torch.load"])
            print(f"torch.load with mmap: {median(seconds['torch.load']):.3f} s, {held:.0f} MB")


def shapes() -> dict[str, tuple[int, ...]]:
    """The tensors of the model by name."""
    rows = 4 * WIDTH
    tensors: dict[str, tuple[int, ...]] = {}
    for number in range(LAYERS):
        name = f"layers.{number}."
        tensors |= {f"{name}weight_ih_l0": (rows, WIDTH), f"{name}weight_hh_l0": (rows, WIDTH)}
        tensors |= {f"{name}bias_ih_l0": (rows,), f"{name}bias_hh_l0": (rows,)}
    return tensors


def elements(shape: tuple[int, ...]) -> int:
    """How many numbers a tensor has."""
    return shape[0] * (shape[1] if shape[1:] else 1)


def text(value: str) -> bytes:
    """The opcode of a text."""
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def pickled() -> bytes:
    """The opcodes of the state dict, those of torch.save."""
    raw = b"\x80\x02}("
    for key, (name, shape) in enumerate(shapes().items()):
        sizes = b"(" + b"".join(b"J" + struct.pack("<i", size) for size in shape) + b"t"
        strides = b"J" + struct.pack("<i", WIDTH) + b"K\x01\x86" if shape[1:] else b"K\x01\x85"
        stored = text(str(key)) + text("cpu") + b"J" + struct.pack("<i", elements(shape))
        storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + stored + b"tQ"
        hooks = b"\x89ccollections\nOrderedDict\n)R"
        raw += (
            text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + sizes + strides + hooks + b"tR"
        )
    return raw + b"u."


def zipped(folder: Path) -> Path:
    """The form of today: a zip archive, not compressed."""
    path = folder / "zip.pt"
    with open(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled())
        archive.writestr("archive/version", "3\n")
        for key, shape in enumerate(shapes().values()):
            member = zipfile.ZipInfo(f"archive/data/{key}")
            member.header_offset, member.CRC = file.tell(), 0
            member.file_size = member.compress_size = 4 * elements(shape)
            file.write(member.FileHeader(zip64=False))
            file.seek(member.file_size, os.SEEK_CUR)
            archive.filelist.append(member)
            archive.NameToInfo[member.filename] = member
        archive.start_dir = file.tell()
    return path


def legacy(folder: Path) -> Path:
    """The form of PyTorch before 1.6: five pickles and the numbers."""
    path = folder / "legacy.pt"
    keys = b"".join(text(str(key)) for key in range(len(shapes())))
    head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."
    with open(path, "wb") as file:
        file.write(head + pickled() + b"\x80\x02](" + keys + b"e.")
        file.truncate(file.tell() + sum(8 + 4 * elements(shape) for shape in shapes().values()))
    return path


def safetensors(folder: Path) -> Path:
    """A header, then the numbers."""
    path, at, header = folder / "model.safetensors", 0, {}
    for name, shape in shapes().items():
        end = at + 4 * elements(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, end]}
        at = end
    raw = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(file.tell() + at)
    return path


def run(args: tuple[str, ...]) -> None:
    """One process, its output read and thrown away."""
    subprocess.run(args, capture_output=True, check=True)


def memory(args: tuple[str, ...]) -> float:
    """The memory that a process held at most, in MB."""
    child = os.posix_spawn(
        args[0], args, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    usage = os.wait4(child, 0)[2]
    return usage.ru_maxrss * (1024 if sys.platform != "darwin" else 1) / 1e6


if __name__ == "__main__":
    main()
