"""The form people fill in: what it holds (`form.yaml`, `schema`), read and written."""
