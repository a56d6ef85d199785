"""The trace that a row is written in, kept with it: what comes of the row later joins the same trace."""

from opentelemetry import trace


def current_traceparent() -> str | None:
    """As the header of that name has it (W3C Trace Context); None where nothing is traced."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
