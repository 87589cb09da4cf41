"""The Markdown pages of this folder enter, a site leaves: `make docs`.

Nothing is fetched while it is built, and the site loads nothing from elsewhere.
"""

from __future__ import annotations

import re
from importlib import metadata
from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.lexers.special import TextLexer
from pygments.token import Generic, Text
from sphinx.application import Sphinx

from syno_lang.highlight import SynoLexer

project = "syno"
author = "The syno authors"
version = release = metadata.version("syno-lang")

extensions = ["myst_parser"]
exclude_patterns = ["_build", "adr/template.md"]
nitpicky = True

myst_heading_anchors = 4
# What a page links to outside of this folder is found by its readers in the repository.
myst_all_links_external = False

html_theme = "furo"
html_title = "syno"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

_FILE = re.compile(r"^( *)```syno ([^\s=`]+\.syno)(?: fails=\S+)?$", re.MULTILINE)


class ConsoleLexer(RegexLexer):
    """Commands after `$ `; everything else is output, which Pygments would take for commands after a `#`."""

    name = "Console"
    tokens: ClassVar = {
        "root": [(r"^(\$ )(.*\n)", bygroups(Generic.Prompt, Text)), (r".*\n", Generic.Output)],
    }


def name_the_files(app: Sphinx, page: str, source: list[str]) -> None:
    """A fence `syno name.syno` gets its file name as a caption."""
    source[0] = _FILE.sub(r"\1```{code-block} syno\n\1:caption: \2\n", source[0])


def setup(app: Sphinx) -> None:
    """Teach Sphinx the languages of the blocks."""
    app.add_lexer("console", ConsoleLexer)
    app.add_lexer("lark", TextLexer)
    app.add_lexer("syno", SynoLexer)
    app.connect("source-read", name_the_files)
