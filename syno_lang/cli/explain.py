"""An error code enters, its page leaves."""

from __future__ import annotations

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.diagnostics import CODES, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.resources import folder


@click.command("explain")
@click.argument("code", required=False)
@options.as_json
def command(code: str | None, as_json: bool) -> None:
    """Explain an error code, or list them all.

    \b
    syno explain E0302
    syno explain
    """
    if code is None:
        if as_json:
            put_json([{"code": key, "title": title} for key, title in CODES.items()])
        else:
            put("\n".join(f"{key}  {title}" for key, title in CODES.items()))
        return
    wanted = code.upper()
    if wanted not in CODES:
        hint = did_you_mean(wanted, CODES) or "`syno explain` lists the codes"
        raise fail("E0703", f"there is no error code {code}", hint=hint)
    page = (folder("errors") / f"{wanted}.md").read_text(encoding="utf-8")
    if as_json:
        put_json({"code": wanted, "title": CODES[wanted], "text": page})
    else:
        put(page)
