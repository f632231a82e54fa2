//! The scenario interpreter: (scenario, session, input) gives effects. Pure.
