//! The program as it is called from the command line.

mod commands;
mod doctor;
