"""The API behind the page: what people see and do. docs/sandbox.md lists its calls."""
