"""From stage programs to PyTorch: emit one readable file, load it."""
