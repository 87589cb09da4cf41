"""Rules and pGraphs enter; the one normal form of a pGraph leaves."""
