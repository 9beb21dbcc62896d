"""Why a text is no expression, in cel-go's words.

cel-go parses with ANTLR, whose error recovery decides which messages appear and where. This package replays
that recovery for texts the fast parser has rejected: `grammar.py` holds the grammar as a network of states,
`decisions.py` what ANTLR's prediction gives at each branch, `recovery.py` its default error strategy,
`tokens.py` the lexer's complaints. `diagnosis.py` is the door.
"""
