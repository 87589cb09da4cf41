"""The pGraph and everything that belongs to it alone: build, verify, print, interpret."""
