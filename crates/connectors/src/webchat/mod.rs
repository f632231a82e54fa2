//! Our own chat on a web page.
