//! The HTTP face: hooks, REST API, web chat, health and metrics.
