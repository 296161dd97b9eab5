//! The leanest client of HTTP/1.1 that a measurement needs: one connection, one request at a time, whole answers. A
//! real one would take more of the cores than some of what is measured.

use crate::wire::Failure;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 ";
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A connection that is kept alive.
pub(super) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::new(), answer: Vec::new() })
    }

    /// Posts JSON, and returns the answer's body.
    ///
    /// # Errors
    /// When the connection fails, or the answer isn't 200 with a length that it names.
    pub(super) async fn post(&mut self, path: &str, token: &str, body: &str) -> Result<&str, Failure> {
        let length = body.len();
        let parts = [
            "POST ",
            path,
            " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json\r\n\
             authorization: Bearer ",
            token,
            "\r\ncontent-length: ",
            &length.to_string(),
            "\r\n\r\n",
            body,
        ];
        self.request.clear();
        for part in parts {
            self.request.extend_from_slice(part.as_bytes());
        }
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            if let Some(whole) = whole(&self.answer)? {
                return Ok(std::str::from_utf8(&self.answer[whole])?);
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }
}

/// Where the body is in an answer that has arrived whole; `None` while more is to come.
fn whole(answer: &[u8]) -> Result<Option<std::ops::Range<usize>>, Failure> {
    let Some(head) = answer.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else {
        return Ok(None);
    };
    if !answer.starts_with(OK) {
        return Err(format!("the server answered {}", String::from_utf8_lossy(answer)).into());
    }
    let length = content_length(&answer[..head]).ok_or("the answer has no length")?;
    let start = head + END_OF_HEAD.len();
    if length > ANSWER_BYTES_MAX {
        return Err("the answer is too long".into());
    }
    Ok((answer.len() >= start + length).then_some(start..start + length))
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx: y\r\n\r\n{}";

    #[test]
    fn an_answer_is_whole_when_its_last_byte_has_come() {
        for part in 0..ANSWER.len() {
            assert_eq!(whole(&ANSWER[..part]).unwrap(), None, "{part} bytes");
        }
        assert_eq!(&ANSWER[whole(ANSWER).unwrap().unwrap()], b"{}");
    }

    #[test]
    fn anything_but_200_is_a_failure() {
        assert!(whole(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
