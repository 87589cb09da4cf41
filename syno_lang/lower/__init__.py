"""From a pGraph to loop nests: contraction order, rfactor staging, cost."""
