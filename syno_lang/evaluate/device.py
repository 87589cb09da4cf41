"""The name of a device enters; torch is made ready to compute there, or a finding says why it cannot."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from syno_lang.diagnostics import fail


@contextmanager
def measuring(device: str, threads: int | None = None) -> Iterator[None]:
    """Compute on `device`, on a CPU with so many `threads`.

    Raises `SynoError`: E0701 without torch, E0704 where there is no such device or torch refuses to compute.
    """
    if importlib.util.find_spec("torch") is None:
        raise fail("E0701", "torch is not installed", hint="run pip install 'syno_lang[torch]'")
    import torch

    before = torch.get_num_threads()
    try:
        # Making something is the one test that every kind of device has.
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        hint = "cpu is always there; a GPU is cuda, or cuda:1 for the second one"
        raise fail("E0704", f"torch cannot use the device {device!r}: {_first(error)}", hint=hint) from None
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        hint = "choose smaller sizes, another type or another device"
        raise fail("E0704", f"torch cannot compute this: {_first(error)}", hint=hint) from error
    finally:
        torch.set_num_threads(before)


def environment() -> dict[str, int | str]:
    """What beside the device decides how fast torch is: its version, and how many threads it uses."""
    import torch

    return {"threads": torch.get_num_threads(), "torch": str(torch.__version__)}


def _first(error: Exception) -> str:
    return (str(error).strip().split("\n")[0] or type(error).__name__)[:200].rstrip(".")
