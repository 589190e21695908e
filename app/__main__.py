"""`python -m app` is `jiachang`."""

from app.cli import main

if __name__ == "__main__":
    main()
