"""The one base class of errors that are the user's to mend.

The command line prints such an error as a single line and exits with status 2; anything else is a bug
of ours and keeps its stack trace.
"""


class UserError(Exception):
    """Bad input, a bad setting or a missing file: the message names the value, the limit and the way out."""
