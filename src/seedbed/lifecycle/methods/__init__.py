"""Impact methods: characterisation factors as data."""
