"""The application server: what it does to slow or silent clients."""
