"""What a stage program or a graph is turned into: torch modules, TVM modules, loops as text, drawings."""
