//! What the servers of all fakes have in common: they listen on this machine, and cut connections on purpose.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

pub(crate) type Reply = Response<Full<Bytes>>;

/// The connection is dropped without an answer, or in the middle of one.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(crate) struct Cut;

/// Listens on 127.0.0.1 until it is stopped, and answers every request; port 0 takes any free one.
pub(crate) async fn start<A, F>(port: u16, stop: CancellationToken, answer: A) -> std::io::Result<SocketAddr>
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Cut>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            if let Ok((stream, _)) = stream {
                tokio::spawn(serve(stream, stop.clone(), answer.clone()));
            }
        }
    });
    Ok(address)
}

async fn serve<A, F>(stream: TcpStream, stop: CancellationToken, answer: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Reply, Cut>>,
{
    // Small answers must not wait for the other side's acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    tokio::select! {
        () = stop.cancelled() => {}
        ended = connection => if let Err(error) = ended {
            tracing::trace!(%error, "a connection ended early");
        },
    }
}
