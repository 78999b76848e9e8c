//! Records spans: the seam's recorder, and the tracer provider of the OpenTelemetry API.
