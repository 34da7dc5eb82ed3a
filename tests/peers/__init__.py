"""Clients that others wrote, driving our twins; `./run peers` installs and runs them."""
