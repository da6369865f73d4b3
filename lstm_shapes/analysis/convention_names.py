"""The names of the conventions of counting, for whoever needs them without the table, which takes time to load."""

from enum import StrEnum


class ConventionName(StrEnum):
    """A tool that counts, as ``--convention`` names it; cost.py says what each does."""

    matmul = "matmul"
    flops = "flops"
    torchinfo = "torchinfo"
    thop = "thop"
    ptflops = "ptflops"
    calflops = "calflops"
