//! What can go wrong between a request and its answer.

use std::io::{self, Write};
use std::time::Duration;

use super::http::{Answer, Incoming};

/// Something that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The answer comes late.
    Latency(Duration),
    /// This answer comes in place of the right one; nothing is done.
    Instead(Answer),
    /// The request is carried out, and this answer comes all the same.
    Afterwards(Answer),
    /// The connection ends before the request is looked at.
    Closed,
    /// The request is carried out, and the connection ends without an answer.
    Silent,
    /// The request is carried out, and the answer ends in the middle.
    Cut,
    /// The body has this many bytes.
    Huge(u64),
    /// A byte comes at a time, with this between them.
    Drip(Duration),
}

impl Fault {
    /// Too many requests; `after` is the header `Retry-After`.
    pub(crate) fn too_many(after: Option<&str>) -> Self {
        let mut answer = Answer::json(429, &serde_json::json!({"error": "Too Many Requests"}));
        answer.headers.extend(after.map(|after| ("retry-after", after.to_owned())));
        Self::Instead(answer)
    }

    /// An error of the server.
    pub(crate) fn server_error(status: u16) -> Self {
        Self::Instead(Answer::json(status, &serde_json::json!({"error": "Internal Server Error"})))
    }

    /// A redirect to a URL.
    pub(crate) fn redirect(url: &str) -> Self {
        let mut answer = Answer::empty(302);
        answer.headers.push(("location", url.to_owned()));
        Self::Instead(answer)
    }
}

/// When a fault happens.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Only with this method.
    pub(crate) method: Option<&'static str>,
    /// Only where the path begins like this.
    pub(crate) path: &'static str,
    /// So many times; `None` is always.
    pub(crate) times: Option<u32>,
    pub(crate) fault: Fault,
}

impl Case {
    /// It happens to every request of which the path begins like this.
    pub(crate) fn always(path: &'static str, fault: Fault) -> Self {
        Self { method: None, path, times: None, fault }
    }

    /// The same, so many times.
    pub(crate) fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    pub(crate) fn meets(&self, incoming: &Incoming) -> bool {
        self.times != Some(0)
            && self.method.is_none_or(|method| method == incoming.method)
            && incoming.path().starts_with(self.path)
    }
}

/// Whether the connection can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Open,
    Closed,
}

/// Writes the answer that a fault leaves; `answer` carries the request out and gives the right one.
pub(crate) fn write(fault: Option<&Fault>, answer: impl FnOnce() -> Answer, to: &mut impl Write) -> io::Result<After> {
    match fault {
        None => answer().write(to)?,
        Some(Fault::Latency(time)) => {
            std::thread::sleep(*time);
            answer().write(to)?;
        }
        Some(Fault::Instead(other)) => other.write(to)?,
        Some(Fault::Afterwards(other)) => {
            answer();
            other.write(to)?;
        }
        Some(Fault::Closed) => return Ok(After::Closed),
        Some(Fault::Silent) => {
            answer();
            return Ok(After::Closed);
        }
        Some(Fault::Cut) => {
            let answer = answer();
            to.write_all(&answer.head(answer.body.len() as u64 + 100))?;
            to.write_all(&answer.body)?;
            to.flush()?;
            return Ok(After::Closed);
        }
        Some(Fault::Huge(length)) => huge(*length, to)?,
        Some(Fault::Drip(pause)) => {
            let answer = answer();
            to.write_all(&answer.head(answer.body.len() as u64))?;
            for byte in &answer.body {
                to.write_all(&[*byte])?;
                to.flush()?;
                std::thread::sleep(*pause);
            }
        }
    }
    Ok(After::Open)
}

/// Without a length, so that only reading tells.
fn huge(length: u64, to: &mut impl Write) -> io::Result<()> {
    to.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")?;
    let block = vec![b' '; 1 << 16];
    for _ in 0..length >> 16 {
        write!(to, "{:x}\r\n", block.len())?;
        to.write_all(&block)?;
        to.write_all(b"\r\n")?;
    }
    to.write_all(b"2\r\n{}\r\n0\r\n\r\n")?;
    to.flush()
}
