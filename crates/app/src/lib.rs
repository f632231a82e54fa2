//! The business: the one flow, durable work, and a folder for each capability.
