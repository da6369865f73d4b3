"""What changed between two models, layer by layer, and which setting did it."""
