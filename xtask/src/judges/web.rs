//! Plain HTTP to programs of this machine, one connection per call.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any long poll asked for here.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A server, and what every call to it carries.
pub struct Server {
    /// `127.0.0.1:<port>`.
    pub host: String,
    /// Further header lines, each with its line end.
    pub headers: String,
}

impl Server {
    /// Of an address like `http://127.0.0.1:8081`.
    pub fn of(base: &str) -> Self {
        Self { host: base.trim_start_matches("http://").to_owned(), headers: String::new() }
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, "application/json", b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, "application/json", body.to_string().as_bytes())
    }

    pub fn upload(&self, path: &str, bytes: &[u8]) -> Result<Value> {
        self.call("POST", path, "application/octet-stream", bytes)
    }

    /// One file as a form.
    pub fn upload_form(&self, path: &str, field: &str, name: &str, bytes: &[u8]) -> Result<Value> {
        let head = format!(
            "--judge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--judge--\r\n"].concat();
        self.call("POST", path, "multipart/form-data; boundary=judge", &body)
    }

    fn call(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<Value> {
        let (status, answer) =
            self.exchange(method, path, content_type, body).with_context(|| path.to_owned())?;
        let text = String::from_utf8_lossy(&answer);
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {text}");
        }
        serde_json::from_slice(&answer).with_context(|| format!("{method} {path} answers {text}"))
    }

    fn exchange(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{}\r\n",
            self.host,
            body.len(),
            self.headers,
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .context("an answer without an end of its head")?;
        let head = String::from_utf8_lossy(&answer[..end]);
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .context("an answer without a status")?;
        Ok((status, answer[end + 4..].to_vec()))
    }
}
