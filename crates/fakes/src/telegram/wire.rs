//! The smallest HTTP/1.1 client that brings updates: kept connections, one write and mostly one read per POST.
//!
//! The fake shares the machine with the program that is measured; a general client takes several times the CPU.

use bytes::{Buf, Bytes, BytesMut};
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest head of an answer, and longest body.
const MAX_HEAD: usize = 16 << 10;
const MAX_BODY: usize = 1 << 20;

/// What a server answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    pub status: u16,
    /// As written by the server.
    pub reason: String,
    pub content_type: String,
    /// Seconds of `Retry-After`; zero when there is none.
    pub retry_after: u64,
    pub body: Bytes,
}

/// Connections that wait for the next POST, by `host:port`.
#[derive(Default)]
pub(crate) struct Connections(Mutex<HashMap<String, Vec<TcpStream>>>);

impl Connections {
    /// POSTs JSON. A kept connection that turns out to be closed is replaced once by a new one.
    ///
    /// # Errors
    /// `ConnectionRefused` and the like when nobody listens; anything else when the answer did not come.
    pub async fn post(
        &self,
        authority: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> io::Result<Response> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        if let Some(kept) = self.take(authority) {
            match self.exchange(authority, kept, &request).await {
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                done => return done,
            }
        }
        let fresh = TcpStream::connect(authority).await?;
        fresh.set_nodelay(true)?;
        self.exchange(authority, fresh, &request).await
    }

    fn take(&self, authority: &str) -> Option<TcpStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(authority)?.pop()
    }

    fn keep(&self, authority: &str, stream: TcpStream) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(authority) {
            Some(kept) => kept.push(stream),
            None => drop(all.insert(authority.to_owned(), vec![stream])),
        }
    }

    /// `ConnectionAborted` when the server had closed before it said anything.
    async fn exchange(&self, authority: &str, mut stream: TcpStream, request: &[u8]) -> io::Result<Response> {
        let aborted = |_| io::Error::from(io::ErrorKind::ConnectionAborted);
        stream.write_all(request).await.map_err(aborted)?;
        let mut buffer = BytesMut::with_capacity(1_024);
        let head = loop {
            if let Some(end) = find(&buffer, b"\r\n\r\n") {
                break buffer.split_to(end + 4);
            }
            let nothing_yet = buffer.is_empty();
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) if nothing_yet => return Err(io::ErrorKind::ConnectionAborted.into()),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                done => drop(done?),
            }
            if buffer.len() > MAX_HEAD + MAX_BODY {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        let head = Head::read(&head).ok_or(io::ErrorKind::InvalidData)?;
        let body = head.length.body(&mut stream, buffer).await?;
        if !head.closes && head.length != Length::UntilClosed {
            self.keep(authority, stream);
        }
        Ok(Response { body, ..head.response })
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    response: Response,
    length: Length,
    closes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl Head {
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.splitn(3, ' ');
        let old = first.next()? == "HTTP/1.0";
        let status = first.next()?.parse().ok()?;
        let reason = first.next().unwrap_or_default().to_owned();
        let mut head = Self {
            response: Response { status, reason, ..Response::default() },
            length: if matches!(status, 204 | 304) { Length::Known(0) } else { Length::UntilClosed },
            closes: old,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            head.header(name, value.trim())?;
        }
        Some(head)
    }

    fn header(&mut self, name: &str, value: &str) -> Option<()> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("content-length") {
            self.length = Length::Known(value.parse().ok().filter(|length| *length <= MAX_BODY)?);
        } else if is("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            self.length = Length::Chunked;
        } else if is("connection") {
            self.closes = value.eq_ignore_ascii_case("close");
        } else if is("retry-after") {
            self.response.retry_after = value.parse().unwrap_or(0);
        } else if is("content-type") {
            value.clone_into(&mut self.response.content_type);
        }
        Some(())
    }
}

impl Length {
    async fn body(self, stream: &mut TcpStream, mut buffer: BytesMut) -> io::Result<Bytes> {
        match self {
            Self::Known(length) => {
                while buffer.len() < length {
                    more(stream, &mut buffer).await?;
                }
                Ok(buffer.split_to(length).freeze())
            }
            Self::Chunked => chunks(stream, buffer).await,
            Self::UntilClosed => {
                while stream.read_buf(&mut buffer).await? > 0 && buffer.len() <= MAX_BODY {}
                Ok(buffer.freeze())
            }
        }
    }
}

async fn chunks(stream: &mut TcpStream, mut buffer: BytesMut) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let end = loop {
            match find(&buffer, b"\r\n") {
                Some(end) => break end,
                None => more(stream, &mut buffer).await?,
            }
        };
        let line = String::from_utf8_lossy(&buffer[..end]).into_owned();
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|_| io::ErrorKind::InvalidData)?;
        while buffer.len() < end + 2 + size.saturating_add(2) {
            more(stream, &mut buffer).await?;
        }
        buffer.advance(end + 2);
        body.extend_from_slice(&buffer[..size]);
        buffer.advance(size + 2);
        if size == 0 {
            return Ok(body.freeze());
        }
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<()> {
    if stream.read_buf(buffer).await? == 0 || buffer.len() > 2 * MAX_BODY {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A server that gives these answers on one connection, one after the other, and then closes it.
    async fn server(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                for answer in answers {
                    let mut request = BytesMut::new();
                    while find(&request, b"{}").is_none() {
                        more(&mut stream, &mut request).await.unwrap();
                    }
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        });
        authority
    }

    #[tokio::test]
    async fn bodies_of_all_lengths_are_read_and_the_connection_is_kept() {
        let authority = server(&[
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n3;x=1\r\ncde\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nuntil the end",
        ])
        .await;
        let connections = Connections::default();
        let mut seen = Vec::new();
        // The sixth meets the closed end of the kept connection and opens another.
        for _ in 0..6 {
            let response = connections.post(&authority, "/hook", "", b"{}").await.unwrap();
            seen.push((
                response.status,
                response.retry_after,
                String::from_utf8_lossy(&response.body).into_owned(),
            ));
        }
        let expected = [
            (200, 0, "abc"),
            (200, 0, "abcde"),
            (204, 0, ""),
            (429, 7, ""),
            (200, 0, "until the end"),
            (200, 0, "abc"),
        ];
        let expected = expected.map(|(status, wait, body)| (status, wait, body.to_owned()));
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn nobody_listens() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let error = Connections::default().post(&free, "/", "", b"{}").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
