//! Decides what an API token can be allowed: eleven scopes, and what each lets an intruder do.

use std::fmt;

/// What an API token is allowed (`TokenPermission` in SignalWire's specification of the Project API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Voice.
    Calling,
    /// Chat.
    Chat,
    /// Documents for AI agents.
    Datasphere,
    /// Fax.
    Fax,
    /// Projects, tokens, signing keys.
    Management,
    /// Messages.
    Messaging,
    /// Phone numbers.
    Numbers,
    /// Publish and subscribe.
    Pubsub,
    /// Stored media.
    Storage,
    /// Tasks.
    Tasking,
    /// Video.
    Video,
}

impl Scope {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 11] = [
        Self::Calling,
        Self::Chat,
        Self::Datasphere,
        Self::Fax,
        Self::Management,
        Self::Messaging,
        Self::Numbers,
        Self::Pubsub,
        Self::Storage,
        Self::Tasking,
        Self::Video,
    ];

    /// The word that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Chat => "chat",
            Self::Datasphere => "datasphere",
            Self::Fax => "fax",
            Self::Management => "management",
            Self::Messaging => "messaging",
            Self::Numbers => "numbers",
            Self::Pubsub => "pubsub",
            Self::Storage => "storage",
            Self::Tasking => "tasking",
            Self::Video => "video",
        }
    }

    /// What the Dashboard calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Calling => "Voice",
            Self::Chat => "Chat",
            Self::Datasphere => "DataSphere",
            Self::Fax => "Fax",
            Self::Management => "Management",
            Self::Messaging => "Messaging",
            Self::Numbers => "Numbers",
            Self::Pubsub => "PubSub",
            Self::Storage => "Storage",
            Self::Tasking => "Tasking",
            Self::Video => "Video",
        }
    }

    /// What it lets an intruder do.
    pub fn danger(self) -> &'static str {
        match self {
            Self::Calling => "make calls at your cost, read call logs and recordings, act as any subscriber",
            Self::Chat => "make tokens for any chat channel, read and write in it",
            Self::Datasphere => "read, add and delete the documents of AI agents",
            Self::Fax => "send faxes at your cost, read those that were sent and received",
            Self::Management => "make tokens with every scope, projects and signing keys: all of the account",
            Self::Messaging => "send messages at your cost, read all messages",
            Self::Numbers => "buy and release phone numbers, lead their calls elsewhere",
            Self::Pubsub => "make tokens for any channel, read and publish in it",
            Self::Storage => "reach stored media",
            Self::Tasking => "give tasks to your programs",
            Self::Video => "enter, record and end any room, list every conference token",
        }
    }

    /// The scope that the API or the Dashboard calls `word`, in any case of letters.
    ///
    /// # Errors
    /// There is none; the nearest name is told if there is one.
    pub fn parse(word: &str) -> Result<Self, UnknownScope> {
        let wanted = word.trim().to_ascii_lowercase();
        let find = |wanted: &str| {
            Self::ALL.into_iter().find(|scope| scope.as_str() == wanted || scope.label().eq_ignore_ascii_case(wanted))
        };
        find(&wanted).ok_or_else(|| {
            let also = match &*wanted {
                "tasks" | "task" => Some(Self::Tasking),
                "sms" | "mms" | "messages" => Some(Self::Messaging),
                "call" | "calls" | "phone" => Some(Self::Calling),
                _ => None,
            };
            let nearest = || {
                let far = Self::ALL.map(|scope| (scope.distance(&wanted), scope)).into_iter().min();
                far.filter(|(far, _)| *far <= wanted.len().div_ceil(3)).map(|(_, scope)| scope)
            };
            UnknownScope { word: word.trim().to_owned(), nearest: also.or_else(nearest) }
        })
    }

    /// How far `word` is from the nearer of both names.
    fn distance(self, word: &str) -> usize {
        distance(word, self.as_str()).min(distance(word, &self.label().to_ascii_lowercase()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScope {
    /// The word.
    pub word: String,
    /// The scope that was perhaps meant.
    pub nearest: Option<Scope>,
}

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no scope `{}`", self.word)
    }
}

impl std::error::Error for UnknownScope {}

/// How many letters have to be put in, left out or replaced to make one word of the other (Levenshtein).
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, wanted) in other.iter().enumerate() {
            let replaced = corner + usize::from(letter != *wanted);
            corner = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_scope_are_known() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Ok(scope));
            assert_eq!(Scope::parse(scope.label()), Ok(scope));
        }
        assert_eq!(Scope::parse(" VIDEO "), Ok(Scope::Video));
    }

    #[test]
    fn the_nearest_name_is_told() {
        let nearest = |word: &str| Scope::parse(word).unwrap_err().nearest;
        assert_eq!(nearest("vidoe"), Some(Scope::Video));
        assert_eq!(nearest("mesaging"), Some(Scope::Messaging));
        assert_eq!(nearest("tasks"), Some(Scope::Tasking));
        assert_eq!(nearest("voise"), Some(Scope::Calling));
        assert_eq!(nearest("sms"), Some(Scope::Messaging));
        assert_eq!(nearest("all"), None);
        assert_eq!(nearest("*"), None);
    }
}
