"""The name of a target enters, as a command line or JSON gives it; a `tvm.target.Target` leaves.

`llvm` is this machine, `cuda` an NVIDIA GPU (with `arch`, such as `sm_90`); everything else that TVM
knows is stated as JSON, `{"kind": "llvm", "mcpu": "x86-64-v3"}`.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.load import require_tvm
from syno_lang.diagnostics import fail

#: What code is generated for where `cuda` comes without an architecture.
CUDA_ARCH: Final = "sm_90"

#: What there are schedules for.
KINDS: Final = ("llvm", "cuda")

HINT: Final = 'give llvm, cuda, or JSON such as \'{"kind": "llvm", "mcpu": "x86-64-v3"}\''


def target_of(text: str = "llvm", *, arch: str | None = None, cores: int | None = None) -> Any:
    """The target that `text` names; `cores` is how many this machine may use, by default all that TVM takes.

    Raises `SynoError`: E1301 where TVM knows no such target, E0701 without TVM.
    """
    require_tvm()
    if text == "cuda":
        return _made({"kind": "cuda", "arch": arch or CUDA_ARCH}, text)
    if arch is not None:
        raise fail("E1301", f"the target {text} has no architecture {arch}", hint="only cuda takes one")
    if text == "llvm":
        return dialect.cpu_target(cores or cores_of_this_machine())
    try:
        stated = json.loads(text)
    except ValueError:
        stated = None
    if not isinstance(stated, dict):
        raise fail("E1301", f"there is no target {text}", hint=HINT)
    return _made(stated, text)


def cores_of_this_machine() -> int:
    """How many threads a kernel runs on: TVM_NUM_THREADS, else the cores that this process may use."""
    stated = os.environ.get("TVM_NUM_THREADS", "")
    if stated.isdigit() and int(stated):
        return int(stated)
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def describe(target: Any) -> str:
    """The target as JSON of one line, its keys sorted: the same text for the same target."""
    return json.dumps(json.loads(str(target)), sort_keys=True)


def _made(stated: dict[str, Any], text: str) -> Any:
    if stated.get("kind") not in KINDS:
        raise fail("E1301", f"no schedule is known for the target {text}", hint=HINT)
    # TVM takes an unknown CPU, "native" too, for a generic one and says so in passing.
    if "mcpu" in stated and stated["mcpu"] not in dialect.cpu_names():
        raise fail("E1301", f"LLVM knows no CPU {stated['mcpu']}", hint=HINT)
    try:
        return dialect.target(stated)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise fail("E1301", f"TVM does not know the target {text}: {reason}", hint=HINT) from error
