"""The command's entry: answers --version at once, leaves the rest to the command line; Ctrl-C ends it at any moment."""

import sys
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]
from os import _exit


def main() -> None:
    """Run ``lstm-shapes`` with the process's arguments; exits with the documented code."""
    _end_when_interrupted()
    if sys.argv[1:] == ["--version"]:
        from lstm_shapes import __version__

        try:
            print(f"lstm-shapes {__version__}", flush=True)
        except BrokenPipeError:
            _exit(141)  # as a closed pipe ends every command, without a flush that would fail again
        return
    from lstm_shapes.cli.app import run

    run()


def _end_when_interrupted() -> None:
    """From here on Ctrl-C ends the process with 130.

    An exception could arise inside an import, a callback or while the interpreter ends, where nothing catches it. What
    has to clean up asks for it (cli/interrupt.py). ``_signal`` is what ``signal`` is made of, without importing enum.
    """
    if getsignal(SIGINT) is default_int_handler:  # not where a shell has it ignored
        try:
            signal(SIGINT, lambda number, frame: _exit(130))
        except ValueError:  # in a thread, which gets no signals
            return


if __name__ == "__main__":
    main()
