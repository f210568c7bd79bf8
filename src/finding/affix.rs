//! Decides which of several credentials a name speaks of: `prod` in `PROD_SIGNALWIRE_TOKEN`.

use std::collections::BTreeMap;

use crate::rule::Part;

/// Parts of words that say what kind of part a value is, not which credential it belongs to.
const KIND_WORDS: [&str; 16] = [
    "signalwire",
    "project",
    "token",
    "space",
    "account",
    "auth",
    "api",
    "sid",
    "key",
    "url",
    "host",
    "name",
    "rest",
    "sw",
    "id",
    "secret",
];

/// Whole words that say nothing at all of it.
const EMPTY_WORDS: [&str; 35] = [
    "user",
    "userinfo",
    "login",
    "pass",
    "password",
    "passwd",
    "basic",
    "bearer",
    "header",
    "base",
    "domain",
    "server",
    "endpoint",
    "address",
    "uri",
    "client",
    "config",
    "settings",
    "options",
    "process",
    "env",
    "environ",
    "self",
    "this",
    "value",
    "string",
    "my",
    "your",
    "the",
    "is",
    "s",
    "s",
    "media",
    "access",
    "credentials",
];

/// Words for the stages of a deployment, each with the one that stands for it. Two different ones never go together.
const STAGES: [(&str, &str); 20] = [
    ("prod", "prod"),
    ("production", "prod"),
    ("prd", "prod"),
    ("staging", "staging"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("dev", "dev"),
    ("devel", "dev"),
    ("development", "dev"),
    ("test", "test"),
    ("testing", "test"),
    ("qa", "qa"),
    ("uat", "uat"),
    ("sandbox", "sandbox"),
    ("demo", "demo"),
    ("local", "local"),
    ("live", "live"),
    ("preprod", "preprod"),
    ("preview", "preview"),
    ("ci", "ci"),
];

/// What is left of a name when the words for the kind are taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Affix {
    /// The words in one, lower-case; empty if the name fits every credential.
    pub(super) text: String,
    /// The stage of deployment among them.
    pub(super) stage: Option<&'static str>,
}

impl Affix {
    pub(super) fn of(name: &str) -> Self {
        let mut affix = Self::default();
        for word in words(name) {
            let rest = KIND_WORDS.iter().fold(word.clone(), |rest, kind| rest.replace(kind, ""));
            if EMPTY_WORDS.iter().any(|empty| *empty == word || *empty == rest) {
                continue;
            }
            let stage = STAGES.iter().find(|(word, _)| *word == rest).map(|(_, stage)| *stage);
            affix.stage = affix.stage.or(stage);
            affix.text.push_str(stage.unwrap_or(&rest));
        }
        affix
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether both name the same credential, not only none.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        !self.is_empty() && (self.text == other.text || (self.stage.is_some() && self.stage == other.stage))
    }
}

/// The words of a name, lower-case: they end where a letter or digit does, and before a capital after a small letter.
fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|run| {
        let bytes = run.as_bytes();
        let mut words = vec![String::new()];
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && byte.is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(char::from(byte.to_ascii_lowercase()));
            }
        }
        words
    })
}

/// The affixes of one file that stand at a secret and at a part of another kind, and so surely tell credentials apart.
#[derive(Debug, Default)]
pub(super) struct Evidence(BTreeMap<String, (bool, bool)>);

impl Evidence {
    /// Takes note of the name of a part.
    pub(super) fn add(&mut self, affix: &Affix, part: Part) {
        if !affix.is_empty() {
            let seen = self.0.entry(affix.text.clone()).or_default();
            *(if part.is_identifier() { &mut seen.0 } else { &mut seen.1 }) = true;
        }
    }

    /// Whether the name belongs to a credential of its own.
    pub(super) fn is_paired(&self, affix: &Affix) -> bool {
        self.0.get(&affix.text).is_some_and(|&(identifier, secret)| identifier && secret)
    }

    /// Whether two values cannot belong together.
    pub(super) fn contradicts(&self, one: &Affix, other: &Affix) -> bool {
        if one.is_empty() || other.is_empty() || one.agrees(other) {
            return false;
        }
        (one.stage.is_some() && other.stage.is_some()) || self.is_paired(one) || self.is_paired(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_kind_are_taken_away() {
        for (name, affix) in [
            ("PROD_SIGNALWIRE_PROJECT_ID", "prod"),
            ("signalwireTokenProduction", "prod"),
            ("prodtoken", "prod"),
            ("SIGNALWIRE_TOKEN_2", "2"),
            ("ACME_EU_API_TOKEN", "acmeeu"),
            ("My Project ID is", ""),
            ("userinfo", ""),
            ("username", ""),
            ("Accounts", ""),
        ] {
            assert_eq!(Affix::of(name).text, affix, "{name}");
        }
    }

    #[test]
    fn stages_contradict_each_other_and_other_words_only_if_they_are_paired() {
        let [prod, staging, acme, video] = ["prod", "staging", "acme", "video"].map(Affix::of);
        let mut evidence = Evidence::default();
        assert!(evidence.contradicts(&prod, &staging));
        assert!(!evidence.contradicts(&acme, &video));
        evidence.add(&acme, Part::Project);
        evidence.add(&acme, Part::Token);
        assert!(evidence.contradicts(&acme, &video));
        assert!(!evidence.contradicts(&acme, &Affix::default()));
        assert!(Affix::of("PROD_RELAY_TOKEN").agrees(&prod));
    }
}
