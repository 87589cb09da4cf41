"""The `test` blocks of a file enter, whether each of their claims holds leaves: see `run.run_tests`."""
