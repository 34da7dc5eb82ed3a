"""High Mobility's auto-api: binary messages of properties, and the containers that carry them."""
