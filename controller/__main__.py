"""`python -m controller` is `phasewise`."""

from controller.cli import main

if __name__ == "__main__":
    main()
