"""`python -m syno_lang` is the command `syno`."""

from syno_lang.cli.main import entry

entry()
