"""Policies: what people want, one module a want, presets as TOML."""
