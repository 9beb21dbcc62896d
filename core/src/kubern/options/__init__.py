"""Flag sections, one dataclass per file, and the stages Options -> CompletedOptions.

A section's file holds its flags with their help, and the checks that need no other section. `section.py` says
what a section is, `values.py` what a flag can hold, `parse.py` reads the command line, `sources.py` the
environment and the file, `collect.py` makes Options of all of them, `completion.py` fills what depends on the
machine, `options.py` holds the stages. Used by `cli.py`, `startup.py` and everybody who reads options.
"""
