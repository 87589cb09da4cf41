"""An evaluator that cannot be imported."""

f = 1 / 0
