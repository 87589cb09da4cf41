"""Operators and candidates enter; what they cost when they run leaves."""
