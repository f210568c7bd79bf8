//! Decides whether anything of a request has left this machine: it has when its first byte goes to a connection that is
//! secured. What is said to a proxy, and to agree on keys, is not part of it.

use std::cell::RefCell;
use std::io::ErrorKind;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No byte of it was sent.
    Unsent,
    /// Some of it was sent, or all.
    Sent,
}

/// How the other side has ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// Not at all, or with the word that this was all.
    Proper,
    /// Without it: somebody on the way may have cut it.
    Cut,
}

/// A request, its host, and what has become of it.
struct Current {
    host: String,
    fate: Fate,
    close: Close,
}

thread_local! {
    /// What this thread sends. The library sends a request, and reads its answer, on the thread that asks for it.
    static CURRENT: RefCell<Current> =
        const { RefCell::new(Current { host: String::new(), fate: Fate::Unsent, close: Close::Proper }) };
}

/// A request to `host` begins on this thread.
pub(super) fn begin(host: &str) {
    CURRENT.set(Current { host: host.to_owned(), fate: Fate::Unsent, close: Close::Proper });
}

/// What has become of the request that began last on this thread.
pub(super) fn fate() -> Fate {
    CURRENT.with_borrow(|current| current.fate)
}

/// How its connection has ended up to now. An answer without a length is whole only where that is proper (RFC 9112, 9.8).
pub(super) fn close() -> Close {
    CURRENT.with_borrow(|current| current.close)
}

/// Puts a watch on each connection, once it is secured.
#[derive(Debug)]
pub(super) struct Tap;

/// Where a connection leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// To the host itself.
    Host,
    /// To a proxy on the way.
    Proxy,
}

/// A connection that is watched.
#[derive(Debug)]
pub(super) struct Tapped<In> {
    inner: In,
    end: End,
}

impl<In: Transport> Connector<In> for Tap {
    type Out = Tapped<In>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let is_host = CURRENT.with_borrow(|current| details.uri.host() == Some(&current.host));
        let end = if is_host { End::Host } else { End::Proxy };
        Ok(chained.map(|inner| Tapped { inner, end }))
    }
}

impl<In: Transport> Transport for Tapped<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.end == End::Host {
            CURRENT.with_borrow_mut(|current| current.fate = Fate::Sent);
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let input = self.inner.await_input(timeout);
        if matches!(&input, Err(Error::Io(error)) if error.kind() == ErrorKind::UnexpectedEof) {
            CURRENT.with_borrow_mut(|current| current.close = Close::Cut);
        }
        input
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
