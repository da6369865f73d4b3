"""Ours beside the real framework: counts, tensors, shapes and numbers of random layers."""
