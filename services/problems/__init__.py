"""The catalogue of known problems and its matcher. Pure: no database, no network, no asyncio."""
