"""What was wrong, where, why, and what to do: the records of findings and their renderings."""

from syno_lang.diagnostics.codes import CODES
from syno_lang.diagnostics.error import SynoError, fail
from syno_lang.diagnostics.model import MAX_FINDINGS, Diagnostic, Label, Source, Span, in_text_order

__all__ = [
    "CODES",
    "MAX_FINDINGS",
    "Diagnostic",
    "Label",
    "Source",
    "Span",
    "SynoError",
    "fail",
    "in_text_order",
]
