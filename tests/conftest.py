"""Gives the tests the signals of a command in the foreground.

A job that a script starts in the background ignores SIGINT, and so does every process it starts. Tests that interrupt a
command would then wait for ever, or gather its output without end.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
