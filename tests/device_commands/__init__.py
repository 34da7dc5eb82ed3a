"""Every command of every device: what it is given, and how it is seen to have acted.

Each case stands here once: tests of the adapters call it directly, tests of `phasewise device` type it, and
the table of devices in README.md is made from it.
"""
