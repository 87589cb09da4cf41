"""Synthesis: a space of operators enters; new canonical members of it leave (paper, sections 4 to 7)."""
