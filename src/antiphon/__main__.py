"""The command ``antiphon``, also as ``python -m antiphon``; nothing is imported before Ctrl-C is caught."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while Python still loads it is a sentence and exit code 130, as it is later."""
    try:
        from antiphon.cli import main as run
    except KeyboardInterrupt:
        print("Stopped before anything was begun.", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
