//! Connections that take no more bytes: cut after a while, whatever was being sent, so that a client that doesn't read
//! holds nothing of ours for ever.

use axum::serve::Listener;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// A listener whose connections fail when nothing can be written to them for a while.
#[derive(Debug)]
pub struct Stalled<L> {
    listener: L,
    within: Duration,
}

impl<L> Stalled<L> {
    /// As `listener`, but a write that isn't taken within `within` fails.
    pub const fn new(listener: L, within: Duration) -> Self {
        Self { listener, within }
    }
}

impl<L: Listener> Listener for Stalled<L> {
    type Io = Guarded<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        let sleep = Box::pin(tokio::time::sleep(self.within));
        (Guarded { io, within: self.within, waiting: false, sleep }, address)
    }

    fn local_addr(&self) -> Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection of [`Stalled`].
#[derive(Debug)]
pub struct Guarded<I> {
    io: I,
    within: Duration,
    /// Whether a write waits, until `sleep` ends.
    waiting: bool,
    sleep: Pin<Box<Sleep>>,
}

impl<I> Guarded<I> {
    /// The outcome of a write, or its failure if it has waited for too long.
    fn judge<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<Result<T>>) -> Poll<Result<T>> {
        if outcome.is_ready() {
            self.waiting = false;
            return outcome;
        }
        if !self.waiting {
            self.waiting = true;
            self.sleep.as_mut().reset(Instant::now() + self.within);
        }
        ready!(self.sleep.as_mut().poll(cx));
        metrics::counter!("counterfoil_slow_clients_cut_total", "transport" => "http").increment(1);
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client doesn't read")))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, buf)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.judge(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_write_vectored(cx, bytes);
        this.judge(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
