"""Hypothesis profiles, chosen by SYNO_HYPOTHESIS_PROFILE: `default`, or `heavy` for thousands of cases."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A deadline measures the machine, not the code.  `default` explores anew in each run and prints the
# way to repeat a failure.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "heavy",
    parent=settings.get_profile("default"),
    max_examples=5000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("SYNO_HYPOTHESIS_PROFILE", "default"))
