"""The command's entry: answers --version at once, leaves the rest to the command line."""

import sys


def main() -> None:
    """Run ``lstm-shapes`` with the process's arguments; exits with the documented code."""
    if sys.argv[1:] == ["--version"]:
        from lstm_shapes import __version__

        print(f"lstm-shapes {__version__}")
        return
    from lstm_shapes.cli.app import run

    run()


if __name__ == "__main__":
    main()
