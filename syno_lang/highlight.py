"""A `.syno` text enters Pygments, its coloured tokens leave; `pygments.lexers` finds the lexer as `syno`.

The words are those of the grammar; what a name means where it stands is seen from what follows it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from syno_lang.ir.elaborate_index import USAGE
from syno_lang.ir.elaborate_reader import REDUCERS

#: The words of the grammar by the place where they are words and no names.
FILE_WORDS: Final = ("operator", "use", "as", "test", "rule", "approximate", "space")
SIGNATURE_WORDS: Final = ("weight", "allow", "where", "graph")
TEST_WORDS: Final = ("equals", "flops", "params", "bytes", "for")

RULE_WORDS: Final = ("when", "because", "source")

#: Of spaces: what begins a clause, and what stands in one.
CLAUSE_WORDS: Final = ("from", "to", "keep", "at", "no", "allow", "normal", "for", "layer")
SPACE_WORDS: Final = (
    *CLAUSE_WORDS, "most", "least", "between", "and", "per", "of", "limit", "on", "under", "times", "where",
)  # fmt: skip

#: What is called after `where` and `when`.
CONDITIONS: Final = ("divides", "odd", "even")

_NAME: Final = r"[A-Za-z_][A-Za-z_0-9]*'*"


class SynoLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """Operators in both notations, their tests, rules, search spaces, and uses of other files."""

    name = "Syno"
    aliases: ClassVar[list[str]] = ["syno"]
    filenames: ClassVar[list[str]] = ["*.syno"]
    mimetypes: ClassVar[list[str]] = ["text/x-syno"]

    tokens: ClassVar[dict[str, list[Any]]] = {
        "blank": [(r"\s+", Whitespace), (r"#[^\n]*", Comment.Single)],
        # A definition that is not closed ends where the next one begins.
        "restart": [(r"^(?=(operator|test|use|rule|approximate|space)\b)", Whitespace, "#pop")],
        "signs": [
            (r"->|=>|<=|>=|==|[-+*/%^=<>]", Operator),
            (r"[()\[\],:;.]", Punctuation),
            (r"[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+", Number.Float),
            (r"[0-9]+", Number.Integer),
        ],
        "root": [
            include("blank"),
            (r"operator\b", Keyword.Declaration, ("signature", "defined")),
            (r"test\b", Keyword.Declaration, ("test", "defined")),
            (r"approximate\b", Keyword.Declaration, "rule"),
            (r"rule\b", Keyword.Declaration, ("rule", "defined")),
            (r"space\b", Keyword.Declaration, ("space", "defined")),
            (r"(use|as)\b", Keyword.Namespace),
            (_NAME, Name.Namespace),
            (r"[.,]", Punctuation),
        ],
        "defined": [include("blank"), (_NAME, Name.Function, "#pop"), default("#pop")],
        "signature": [
            include("restart"),
            include("blank"),
            (r"\{", Punctuation, ("#pop", "body")),
            # A tensor may be called `weight` too.
            (r"weight(?=\s+[A-Za-z_])", Keyword),
            (r"(allow|where)(?=\s*\()|graph(?=\s*(\{|#|$))", Keyword),
            (words(CONDITIONS, suffix=r"(?=\s*\()"), Name.Builtin),
            (rf"({_NAME})(\s*)(:)", bygroups(Name.Variable, Whitespace, Punctuation)),
            (_NAME, Name.Constant),
            include("signs"),
        ],
        "body": [
            include("restart"),
            (r"(=)(\s*)(output)\b(?!\s*\[)", bygroups(Operator, Whitespace, Name.Builtin.Pseudo)),
            include("blank"),
            (r"\}", Punctuation, "#pop"),
            include("terms"),
            include("signs"),
        ],
        "terms": [
            (words(tuple(USAGE), suffix=r"(?=\s*\()"), Name.Builtin),
            (words(REDUCERS, suffix=r"(?=\s*[\[(])"), Name.Builtin),
            (rf"{_NAME}(?=\s*\[)", Name.Variable),
            (_NAME, Name),
        ],
        "rule": [
            (r"^(?=(operator|test|use|space)\b)", Whitespace, "#pop"),
            include("blank"),
            (r"\{", Punctuation),
            (r"\}", Punctuation, "#pop"),
            (r"rule\b", Keyword.Declaration, "defined"),
            (r'(because|source)(?=\s*")|when\b(?!\s*[\[(:,])', Keyword),
            (words(CONDITIONS, suffix=r"(?=\s*\()"), Name.Builtin),
            (r'"[^"\n]*"', String.Double),
            include("terms"),
            include("signs"),
        ],
        "space": [
            include("restart"),
            include("blank"),
            (r"\{", Punctuation),
            (r"\}", Punctuation, "#pop"),
            (words(SPACE_WORDS, prefix=r"\b", suffix=r"\b(?!\s*=)"), Keyword),
            (words(CONDITIONS, suffix=r"(?=\s*\()"), Name.Builtin),
            (_NAME, Name),
            include("signs"),
        ],
        "test": [
            include("restart"),
            include("blank"),
            (r"\{", Punctuation),
            (r"\}", Punctuation, "#pop"),
            (words(TEST_WORDS, suffix=r"\b(?!\s*=[^=])"), Keyword),
            (rf"(?:{_NAME}\s*\.\s*)+{_NAME}", Name.Function),
            (_NAME, Name),
            (r'"[^"\n]*"', String.Double),
            include("signs"),
        ],
    }
