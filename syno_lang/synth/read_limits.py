"""The clauses of a space about its limits enter, `Limits` leave; every mistake in them is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, Final

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.syntax import ast
from syno_lang.synth.options import ALLOWED, BOUNDS, COUNTS, OPTIONS, Option
from syno_lang.synth.space import Limits

#: Allowed by what Limits calls the other way round.
_INVERSE: Final = ("odd_windows",)

#: A range as it stands in the text, before an operator is asked what it costs.
Shares = dict[str, tuple[ast.Bounded, tuple[Fraction | None, Fraction | None]]]


@dataclass
class LimitReader:
    """Takes up limits; `sizes` are the names of the sizes, whose uses may be limited as well.

    `values` are fields of `Limits`, `uses` bounds of sizes, `shares` ranges of the cost of an operator;
    `places` says where each option stands.
    """

    sizes: Iterable[str]
    report: list[Diagnostic]
    values: dict[str, Any] = field(default_factory=dict)
    uses: dict[str, int | None] = field(default_factory=dict)
    shares: Shares = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)

    def read(self, clause: ast.Clause) -> None:
        """Take up a clause; one that is not about limits says nothing."""
        match clause:
            case ast.AtMost(amounts=amounts):
                for amount in amounts:
                    self._amount(amount)
            case ast.Bounded():
                self._bounded(clause)
            case ast.Unlimited(names=names):
                for name in names:
                    self._unlimited(name)
            case ast.Permits(names=names):
                for name in names:
                    self._allowed(name)

    def limits(self) -> Limits:
        """What was read, with the defaults for the rest; ranges of costs are still to come."""
        return replace(Limits(), **self.values)

    def _amount(self, amount: ast.Amount) -> None:
        name = amount.name.text
        if name in self.sizes:
            number = self._whole(amount.figure, f"how often `{name}` is used", 0)
            if number is not None and self._once(name, amount.name.span):
                self.uses[name] = number
            return
        option = COUNTS.get(name)
        if option is None:
            self._unknown(amount.name, [*COUNTS, *self.sizes], "that is counted")
            return
        number = self._whole(amount.figure, f"the number of `{name}`", option.smallest)
        if number is not None and self._once(option.limit, amount.name.span):
            self.values[option.limit] = number

    def _bounded(self, clause: ast.Bounded) -> None:
        per = clause.per.text if clause.per else ""
        option = BOUNDS.get((clause.name.text, per))
        if option is None:
            self._wrong_bound(clause)
            return
        least, most = self._ends(clause, option)
        if not self._fits(clause, option) or not self._once(option.limit, clause.name.span):
            return
        if clause.reference is not None:
            self.shares[option.limit] = (clause, (least, most))
        elif option.form == "range":
            self._range(clause, option, least, most)
        else:
            value = least if option.form == "least" else most
            if value is not None:
                self.values[option.limit] = int(value) if option.whole else float(value)

    def _ends(self, clause: ast.Bounded, option: Option) -> tuple[Fraction | None, Fraction | None]:
        """Both ends of the range, each checked."""
        ends: list[Fraction | None] = []
        for figure in (clause.range.least, clause.range.most):
            if figure is None or clause.reference is not None or not option.whole:
                ends.append(None if figure is None else self._number(figure, option))
            else:
                whole = self._whole(figure, f"`{option.word}`", option.smallest)
                ends.append(None if whole is None else Fraction(whole))
        least, most = ends
        if least is not None and most is not None and least > most:
            message = f"nothing is at least {clause.range.least.text} and at most {clause.range.most.text}"  # type: ignore[union-attr]
            self._report("E1103", clause.range.span, message, "write the smaller number first")
            return None, None
        return least, most

    def _fits(self, clause: ast.Bounded, option: Option) -> bool:
        """Whether the clause has the form of its option."""
        one_sided = {"most": clause.range.least, "least": clause.range.most}
        if one_sided.get(option.form) is not None:
            message = f"`{option.word}` is limited on one side only"
            self._report("E1103", clause.range.span, message, f"write `{option.usage}`")
            return False
        if clause.reference is not None and not option.compared:
            message = f"`{option.word}` is not compared with an operator"
            self._report("E1103", clause.reference.span, message, f"write `{option.usage}`")
            return False
        return True

    def _range(
        self, clause: ast.Bounded, option: Option, least: Fraction | None, most: Fraction | None
    ) -> None:
        low, high = (None if end is None else int(end) for end in (least, most))
        if option.limit != "shared_between_weights":
            self.values[option.limit] = (low, high)
        elif low is None or high is None:
            self._report("E1103", clause.range.span, "both ends are needed here", f"write `{option.usage}`")
        else:
            self.values[option.limit] = (low, high)

    def _wrong_bound(self, clause: ast.Bounded) -> None:
        words = dict.fromkeys(word for word, _ in BOUNDS)
        if clause.name.text in words and clause.per is not None:
            message = f"there is no `{clause.name.text}` per `{clause.per.text}`"
            self._report("E1101", clause.per.span, message, "write `params at least 100 per weight`")
        elif clause.name.text in COUNTS:
            message = f"`{clause.name.text}` is counted"
            self._report("E1101", clause.name.span, message, f"write `{COUNTS[clause.name.text].usage}`")
        else:
            self._unknown(clause.name, words, "that has a limit")

    def _unlimited(self, name: ast.Name) -> None:
        if name.text in self.sizes:
            if self._once(name.text, name.span):
                self.uses[name.text] = None
            return
        known = {option.word: option for option in OPTIONS if option.open and option.form != "allow"}
        option = known.get(name.text)
        if option is None:
            closed = [item.word for item in OPTIONS if not item.open]
            if name.text in closed:
                message = f"`{name.text}` always has a limit"
                self._report("E1103", name.span, message, "choose a large one")
            else:
                self._unknown(name, [*known, *self.sizes], "whose limit can be lifted")
        elif self._once(option.limit, name.span):
            self.values[option.limit] = (None, None) if option.limit in ("flops", "params") else None

    def _allowed(self, name: ast.Name) -> None:
        option = ALLOWED.get(name.text)
        if option is None:
            self._unknown(name, ALLOWED, "that can be allowed")
        elif self._once(option.limit, name.span):
            self.values[option.limit] = option.limit not in _INVERSE

    def _number(self, figure: ast.Figure, option: Option) -> Fraction | None:
        if figure.value < option.smallest or (not option.smallest and figure.value < 0):
            message = f"`{option.word}` is at least {option.smallest}, not {figure.text}"
            self._report("E1103", figure.span, message, f"write a number from {option.smallest} on")
            return None
        return figure.value

    def _whole(self, figure: ast.Figure, what: str, smallest: int) -> int | None:
        if figure.value.denominator != 1:
            message = f"{what} is a whole number, not {figure.text}"
            self._report(
                "E1103", figure.span, message, f"write {int(figure.value)} or {int(figure.value) + 1}"
            )
            return None
        if figure.value < smallest:
            message = f"{what} is at least {smallest}, not {figure.text}"
            self._report("E1103", figure.span, message, f"write a number from {smallest} on")
            return None
        return int(figure.value)

    def _once(self, key: str, span: Span) -> bool:
        """Whether `key` is set for the first time; report it where not."""
        if key in self.places:
            first = (Label(self.places[key], "first given here"),)
            message, hint = "this option is given twice", "keep one of them"
            self.report.append(Diagnostic("E1102", message, span, "", first, (), hint))
            return False
        self.places[key] = span
        return True

    def _unknown(self, name: ast.Name, known: Iterable[str] | Mapping[str, object], which: str) -> None:
        words = list(dict.fromkeys(known))
        hint = did_you_mean(name.text, words) or f"these can stand here: {', '.join(words)}"
        self._report("E1101", name.span, f"`{name.text}` is nothing {which}", hint)

    def _report(self, code: str, span: Span, message: str, hint: str) -> None:
        self.report.append(Diagnostic(code, message, span, hint=hint))


#: Every field of `Limits`; an option has to exist for each of them.
LIMITS: Final = tuple(item.name for item in fields(Limits))
