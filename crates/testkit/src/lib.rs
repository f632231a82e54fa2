//! TestApp: actors, a virtual clock and both engines. Development only.
