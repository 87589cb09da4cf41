"""The error codes: one line each.  Every code has a page `docs/errors/CODE.md` and a test."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # 01: reading a text
    "E0101": "the text cannot be read as syno",
    "E0102": "the file cannot be read",
    "E0103": "the text is too large or too deeply nested",
    "E0104": "there is no such operator in the text",
    # 02: names
    "E0201": "unknown coordinate",
    "E0202": "unknown tensor",
    "E0203": "unknown size",
    "E0204": "a name is defined twice",
    "E0205": "unknown primitive or reducer",
    "E0206": "this name cannot be used",
    "E0207": "a primitive has the wrong arguments",
    "E0208": "a declaration is never used",
    "E0209": "this index is not a pGraph",
    # 03: axes and domains
    "E0301": "wrong number of axes",
    "E0302": "the domain does not fit the axis",
    "E0303": "the body of the operator is incomplete",
    # 04: quality of the operator (paper, section 5)
    "E0401": "an output coordinate is not used",
    "E0402": "a summed coordinate is not used",
    "E0403": "one half of a merge is dropped",
    "E0404": "a stride is not paired with a window",
    "E0405": "a coordinate is used twice in one tensor",
    "E0406": "a window is larger than its axis",
    # 05: sizes in the text
    "E0501": "a size is fractional",
    "E0502": "a size is not a monomial",
    "E0503": "a size must be a positive whole number",
    "E0504": "a size is out of range",
    "E0505": "the conditions on the sizes contradict each other",
    # 06: values at the time of use
    "E0601": "a size is not given",
    "E0602": "a size breaks divisibility",
    "E0603": "a shape does not fit",
    "E0604": "an array is missing or unknown",
    "E0605": "a size is unknown or not a positive whole number",
    "E0606": "a stated condition does not hold",
    # 07: tools around the language
    "E0701": "an optional part is not installed",
    "E0702": "the output cannot be written",
    "E0703": "there is no such error code",
    "E0704": "this cannot be measured",
    # 08: kernels of the original system
    "E0801": "the listing cannot be read",
    "E0802": "the loops are no sum of a product",
    "E0803": "this index is made of no primitives",
    "E0804": "the domains in the listing do not fit",
    "E0805": "the files of the kernel are incomplete or contradict each other",
    "E0806": "the kernel cannot be said in the language",
    # 09: files that use each other, and tests
    "E0901": "a used file is not found",
    "E0902": "files use each other in a circle",
    "E0903": "a file does not define this name",
    "E0904": "a test names no operator",
    "E0905": "this function cannot be called in a test",
    "E0906": "an argument in a test does not fit",
    "E0907": "a claim of a test does not hold",
    "E0908": "a test is too large",
    # 10: rules
    "E1001": "a rule does not make sense",
    "E1002": "a rule does not make the term smaller",
    "E1003": "a rule does not hold",
    "E1004": "there is no such rule",
    # 11: search spaces, and models in which operators are replaced
    "E1101": "a space has no such option",
    "E1102": "an option of a space is given twice",
    "E1103": "a limit of a space does not make sense",
    "E1104": "the shapes of a space do not fit",
    "E1105": "the layers of a space do not fit",
    "E1106": "no operator can be in this space",
    "E1107": "there is no such space",
    "E1108": "a space is compared with an operator that does not fit",
    "E1151": "the model has no placeholder",
    "E1152": "the placeholders of a model do not agree",
    "E1153": "a layer of a model cannot be replaced",
    "E1154": "an argument of the sampler does not make sense",
    "E1155": "a placeholder holds no operator",
    # 12: searching a space
    "E1201": "an evaluator cannot be used",
    "E1202": "a store cannot be read",
    "E1203": "a store cannot be written",
    "E1204": "a run cannot be continued",
    "E1205": "no operator is within the limits",
    "E1206": "an option of a search does not make sense",
    "E1207": "a cluster cannot be reached",
    # 13: kernels for TVM
    "E1301": "there is no such target",
    "E1302": "the records of a tuning cannot be used",
    "E1303": "the device cannot be reached",
    "E1304": "the kernel cannot be compiled",
    "E1305": "the gradient is not known as loops",
    "E1306": "a size cannot be left open",
}
