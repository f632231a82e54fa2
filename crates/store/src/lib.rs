//! Units of work and group commit over SQLite and PostgreSQL. No business.
