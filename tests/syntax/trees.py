"""Choices enter, random trees of whole files leave: anything that the grammar allows, sense or nonsense."""

from __future__ import annotations

from hypothesis import strategies as st

from syno_lang.syntax import ast, make

#: The names of bodies may be words that mean something elsewhere.
NAMES = st.sampled_from(["i", "x", "N", "C_in", "k", "h'", "graph", "use", "test", "share", "output"])
DECLARED = st.sampled_from(["x", "N", "C_in", "H", "k", "s", "a_rather_long_name_of_something"])
OPERATORS = st.sampled_from("+-*/%")
NUMBERS = st.integers(0, 40)
HERE = make.NOWHERE


def name(texts: st.SearchStrategy[str]) -> st.SearchStrategy[ast.Name]:
    return st.builds(make.name, texts)


def few(
    items: st.SearchStrategy[object], least: int = 0, most: int = 3
) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def arithmetic(leaves: st.SearchStrategy[object], calls: object) -> st.SearchStrategy[object]:
    """Expressions over `leaves`; `calls` makes strategies of what takes arguments."""

    def grow(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        keyword = st.builds(ast.Keyword, st.just(HERE), name(DECLARED), inner)
        return st.one_of(
            st.builds(ast.Binary, st.just(HERE), OPERATORS, inner, inner),
            st.builds(ast.Negate, st.just(HERE), inner),
            st.builds(ast.Power, st.just(HERE), inner, st.integers(-3, 3)),
            calls(inner, few(inner | keyword)),  # type: ignore[operator]
        )

    return st.recursive(leaves, grow, max_leaves=8)


EXPRESSIONS = arithmetic(
    name(NAMES) | st.builds(ast.Number, st.just(HERE), NUMBERS),
    lambda inner, arguments: (
        st.builds(ast.Call, st.just(HERE), name(NAMES), arguments)
        | st.builds(ast.Access, st.just(HERE), name(NAMES), few(inner))
    ),
)

PATHS = st.builds(ast.Path, st.just(HERE), few(name(DECLARED), 1))

VALUES = arithmetic(
    st.one_of(
        PATHS,
        st.builds(ast.Number, st.just(HERE), NUMBERS),
        st.builds(ast.Decimal, st.just(HERE), st.sampled_from(["0.5", "2.25", "1e3", "1.5e-7"])),
        st.builds(ast.Text, st.just(HERE), st.sampled_from(["", "same", "# no comment"])),
    ),
    lambda inner, arguments: (
        st.builds(ast.Apply, st.just(HERE), PATHS, arguments) | st.builds(ast.List, st.just(HERE), few(inner))
    ),
)

ACCESSES = st.builds(ast.Access, st.just(HERE), name(NAMES), few(EXPRESSIONS, most=5))
CALLS = st.builds(ast.Call, st.just(HERE), name(NAMES), few(EXPRESSIONS))
BINDERS = st.builds(ast.Binder, st.just(HERE), name(NAMES), EXPRESSIONS)
REDUCTIONS = st.builds(ast.Reduction, st.just(HERE), name(NAMES), few(BINDERS, 1, 5))
PRODUCTS = st.lists(ACCESSES | EXPRESSIONS, min_size=1, max_size=4).map(make.product)
STATEMENTS = st.one_of(
    st.builds(ast.Equation, st.just(HERE), ACCESSES, few(REDUCTIONS, most=2), PRODUCTS),
    st.builds(ast.Binding, st.just(HERE), few(name(NAMES), 1), few(EXPRESSIONS, 1)),
    ACCESSES,
    CALLS,
)

PARAMETERS = st.builds(ast.Parameter, st.just(HERE), name(DECLARED), st.booleans(), few(EXPRESSIONS, most=5))
RELATIONS = st.sampled_from(["<", "<=", ">", ">=", "=="])
CONDITIONS = CALLS | st.builds(ast.Compares, st.just(HERE), EXPRESSIONS, RELATIONS, EXPRESSIONS)
DEFAULTS = st.none() | st.builds(ast.Number, st.just(HERE), NUMBERS)
OPERATOR = st.builds(
    ast.Operator,
    st.just(HERE),
    name(DECLARED),
    few(name(DECLARED), most=6),
    few(st.builds(ast.Coefficient, st.just(HERE), name(DECLARED), DEFAULTS)),
    few(PARAMETERS),
    few(EXPRESSIONS),
    st.just(HERE),
    few(name(DECLARED)),
    st.booleans(),
    few(STATEMENTS, most=4),
    few(CONDITIONS),
)

SETTINGS = few(st.builds(ast.Setting, st.just(HERE), name(DECLARED), VALUES))
REFERENCES = st.one_of(
    PATHS,
    st.builds(ast.Apply, st.just(HERE), PATHS, few(VALUES)),
    st.builds(ast.List, st.just(HERE), few(VALUES, most=9)),
)
CLAIMS = st.one_of(
    st.builds(ast.Equality, st.just(HERE), REFERENCES, SETTINGS),
    st.builds(ast.Count, st.just(HERE), st.sampled_from(["flops", "params", "bytes"]), VALUES, SETTINGS),
)
TEST = st.builds(ast.Test, st.just(HERE), name(DECLARED), few(CLAIMS))
USED = st.builds(ast.Used, st.just(HERE), PATHS, st.none() | name(DECLARED))
USE = st.builds(ast.Use, st.just(HERE), few(USED, 1))

TEXTS = few(st.builds(ast.Text, st.just(HERE), st.sampled_from(["", "why it holds", "# no comment"])))
SIDES = st.builds(ast.Side, st.just(HERE), few(REDUCTIONS, most=2), EXPRESSIONS)
RULE = st.builds(
    ast.Rule,
    st.just(HERE),
    name(DECLARED),
    st.none() | EXPRESSIONS,
    few(name(DECLARED), most=5),
    few(name(DECLARED)),
    few(BINDERS, most=4),
    few(CONDITIONS),
    TEXTS,
    TEXTS,
    SIDES,
    SIDES,
)

FIGURES = st.builds(ast.Figure, st.just(HERE), st.sampled_from(["0", "12", "0.15", "1e9", "2.5e-3"]))
LABELS = name(
    st.sampled_from(["N", "C_in", "k", "tensors", "primitives", "weight", "operator_like", "flops"])
)
RANGES = st.one_of(
    st.builds(ast.Range, st.just(HERE), FIGURES, FIGURES),
    st.builds(ast.Range, st.just(HERE), FIGURES, st.none()),
    st.builds(ast.Range, st.just(HERE), st.none(), FIGURES),
)
DOTTED = st.builds(ast.Path, st.just(HERE), few(LABELS, 1))
COMPARED = st.builds(
    ast.Compared,
    st.just(HERE),
    DOTTED,
    few(st.builds(ast.Keyword, st.just(HERE), name(DECLARED), EXPRESSIONS)),
)
FIXED = st.builds(ast.Fixed, st.just(HERE), LABELS, FIGURES)
AXES = few(st.builds(ast.SpaceAxis, st.just(HERE), EXPRESSIONS, st.none() | LABELS))
CLAUSES = st.one_of(
    st.builds(ast.Ends, st.just(HERE), st.sampled_from(["from", "to"]), AXES),
    st.builds(ast.Keep, st.just(HERE), few(LABELS, 1)),
    st.builds(ast.AtMost, st.just(HERE), few(st.builds(ast.Amount, st.just(HERE), FIGURES, LABELS), 1)),
    st.builds(ast.Bounded, st.just(HERE), LABELS, RANGES, st.none() | LABELS, st.none() | COMPARED),
    st.builds(ast.Unlimited, st.just(HERE), few(LABELS, 1)),
    st.builds(ast.Permits, st.just(HERE), few(LABELS, 1)),
    st.builds(ast.Normal, st.just(HERE), few(DOTTED, 1)),
    st.builds(ast.Given, st.just(HERE), few(FIXED, 1)),
    st.builds(ast.Layer, st.just(HERE), few(FIXED, 1), st.none() | FIGURES),
)
SPACE = st.builds(
    ast.Space,
    st.just(HERE),
    LABELS,
    few(name(DECLARED), most=6),
    few(st.builds(ast.Coefficient, st.just(HERE), name(DECLARED), DEFAULTS)),
    few(CONDITIONS),
    few(CLAUSES, most=6),
)

MODULES = st.builds(ast.Module, st.just(HERE), few(OPERATOR | TEST | USE | RULE | SPACE))
