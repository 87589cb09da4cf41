"""The language server: what an editor asks about a `.syno` text enters, what it shows leaves.

`reading` makes what is known of a text, also of a broken one; `symbols` says which name means what; each
feature of an editor is a module of its own, and `server` connects them.
"""
