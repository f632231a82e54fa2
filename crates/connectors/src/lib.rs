//! Everything that speaks a foreign API, a folder for each vendor. No database.
