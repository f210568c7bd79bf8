//! Decides whether anything of a request has left this machine: it has when its first byte goes to a connection that is
//! secured. What is said to a proxy, and to agree on keys, is not part of it.

use std::cell::RefCell;

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

thread_local! {
    /// The host that this thread sends a request to, and what has become of the request. The library sends a request on
    /// the thread that asks for it.
    static CURRENT: RefCell<(String, Fate)> = const { RefCell::new((String::new(), Fate::Unsent)) };
}

/// A request to `host` begins on this thread.
pub(super) fn begin(host: &str) {
    CURRENT.with_borrow_mut(|current| *current = (host.to_owned(), Fate::Unsent));
}

/// What has become of the request that began last on this thread.
pub(super) fn fate() -> Fate {
    CURRENT.with_borrow(|(_, fate)| *fate)
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
        let is_host = CURRENT.with_borrow(|(host, _)| details.uri.host() == Some(host));
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
            CURRENT.with_borrow_mut(|(_, fate)| *fate = Fate::Sent);
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
