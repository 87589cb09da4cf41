"""Findings enter; the one exception that users meet, which carries them all, leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syno_lang.diagnostics.model import Diagnostic, Span
from syno_lang.diagnostics.render import render_text


class SynoError(Exception):
    """Every mistake that a user can make arrives as this exception.

    `diagnostics` holds all findings of one run, in the order of the text.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        if not diagnostics:
            raise ValueError("a SynoError needs at least one diagnostic")
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n\n".join(render_text(diagnostic) for diagnostic in self.diagnostics)


def fail(
    code: str,
    message: str,
    *,
    span: Span | None = None,
    label: str = "",
    hint: str = "",
    notes: Iterable[str] = (),
) -> SynoError:
    """Return (not raise) a `SynoError` with a single diagnostic."""
    return SynoError([Diagnostic(code, message, span, label, (), tuple(notes), hint)])
