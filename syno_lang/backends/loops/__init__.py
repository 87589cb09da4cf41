"""A stage program enters; loops to read leave."""
