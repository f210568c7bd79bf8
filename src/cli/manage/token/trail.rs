//! Decides what the ledger is told of a token that is changed or deleted. A token that has leaked has to go whatever has
//! become of the ledger; so the command goes on without one, and says so.
//!
//! Other runs may write the ledger meanwhile. So an entry is read again before anything in it is changed.

use super::super::record;
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Entry, Ledger, LedgerError, State};
use crate::signalwire::token::TokenId;

/// What the ledger says of one token, and is to be told of it.
pub(super) struct Trail {
    id: TokenId,
    ledger: Option<Ledger>,
    known: Option<Entry>,
    /// Why nothing is known.
    trouble: Option<Error>,
    /// The state of the entry before this run doubted it.
    before: Option<State>,
}

impl Trail {
    /// Looks a token up.
    ///
    /// # Errors
    /// The id stands for an attempt to make a token; SignalWire does not know it.
    pub(super) fn of(id: &TokenId) -> Result<Self, Error> {
        let mut trail = Self { id: id.clone(), ledger: None, known: None, trouble: None, before: None };
        let found = record::ledger().and_then(|ledger| {
            let entries = ledger.read().map_err(|error| record::failed(&error));
            trail.ledger = Some(ledger);
            Ok(entries?.find(id).cloned())
        });
        match found {
            Ok(Some(entry)) if entry.state == State::Pending => return Err(attempt(&entry)),
            Ok(known) => trail.known = known,
            Err(error) => trail.trouble = Some(error),
        }
        Ok(trail)
    }

    /// What the ledger says.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn known(&mut self) -> Result<Option<&Entry>, Error> {
        self.trouble.take().map_or_else(|| Ok(self.known.as_ref()), Err)
    }

    /// The same, where the ledger may be missing; then `loss` says what comes of that.
    pub(super) fn known_or_warn(&mut self, loss: &str) -> Option<&Entry> {
        if let Some(error) = &self.trouble {
            error.print();
            error::tell(&format!("warning: {loss}\n"));
        }
        self.known.as_ref()
    }

    /// Whether the scopes are known.
    pub(super) fn is_sure(&self) -> bool {
        self.known.as_ref().is_some_and(|entry| entry.state != State::Unsure)
    }

    /// Writes down that a change is under way.
    pub(super) fn doubt(&mut self) {
        let (Some(ledger), Some(_)) = (&self.ledger, &self.known) else { return };
        let doubted = ledger.change(|entries| {
            let before = entries.find(&self.id).map(|entry| entry.state);
            entries.amend(&self.id, |entry| entry.state = State::Unsure);
            before
        });
        match doubted {
            Ok(before) => self.before = before,
            Err(error) => record::warn(&error, "the ledger will not know of this change"),
        }
    }

    /// Writes down that nothing was changed.
    pub(super) fn restore(self) {
        let (Some(ledger), Some(before)) = (&self.ledger, self.before) else { return };
        // What another run knows by now stays.
        let state = |now| if now == State::Unsure { before } else { now };
        let restored = ledger.change(|entries| entries.amend(&self.id, |entry| entry.state = state(entry.state)));
        if let Err(error) = restored {
            record::warn(&error, "the ledger is not sure of this token; it was not changed");
        }
    }

    /// Writes down what was done, and the state that this has led to. `change` gets the entry as it is now, and returns it
    /// as it is to be; with `None`, a token that the ledger lacks stays out of it. Returns the entry, whether or not it
    /// could be written, and the exit code.
    pub(super) fn settle(
        self,
        done: &str,
        state: State,
        change: impl Fn(Option<&Entry>) -> Option<Entry>,
    ) -> (Option<Entry>, u8) {
        let next = |now: Option<&Entry>| change(now).map(|entry| Entry { state: self.state(now, state), ..entry });
        let loss = format!("the token was {done}, but the ledger does not know of it");
        let Some(ledger) = &self.ledger else {
            error::tell(&format!("warning: {loss}\n"));
            return (next(None), exit::INCOMPLETE);
        };
        match settle(ledger, &self.id, next) {
            Ok(entry) => (entry, exit::CLEAN),
            Err(error) => {
                record::warn(&error, &loss);
                (next(self.known.as_ref()), exit::INCOMPLETE)
            }
        }
    }

    /// The state that follows; what another run has deleted since this one doubted it stays deleted.
    fn state(&self, now: Option<&Entry>, state: State) -> State {
        let is_gone = self.before.is_some() && now.is_some_and(|entry| entry.state == State::Deleted);
        if is_gone { State::Deleted } else { state }
    }
}

fn settle(
    ledger: &Ledger,
    id: &TokenId,
    next: impl Fn(Option<&Entry>) -> Option<Entry>,
) -> Result<Option<Entry>, LedgerError> {
    // Nothing is written where there is nothing to say.
    if ledger.read()?.find(id).is_none() && next(None).is_none() {
        return Ok(None);
    }
    ledger.change(|entries| {
        let entry = next(entries.find(id));
        entry.inspect(|entry| entries.put(entry.clone()))
    })
}

fn attempt(entry: &Entry) -> Error {
    let (name, id) = (&entry.name, &entry.id);
    Error::new(format_args!(
        "{id} stands for an attempt to make a token called {name}, whose own id is not known; nothing was sent"
    ))
    .help(format_args!(
        "The Dashboard shows under API Credentials whether there is one, and its id. Then: barewire token forget {id}"
    ))
}
