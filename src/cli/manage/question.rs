//! Decides what of a credential that was found can be asked of SignalWire, and where it may be sent.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use crate::cli::surroundings::now;
use crate::finding::{Bond, Finding, Holding, ScopeState, Verdict, Verification};
use crate::jose::{self, End};
use crate::rule::Part;
use crate::secret::Secret;
use crate::signalwire::verify::{Answer, Depth, Held, Life, Question, ScopeAnswer};
use crate::signalwire::{Access, Hosts, ProjectId, Space};

/// The domain whose hosts are Spaces without being listed.
const DOMAIN: &str = ".signalwire.com";

/// A credential that was found, as far as it matters here.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Which part of a credential the secret is.
    pub(super) part: Part,
    /// The value that is to be sent.
    pub(super) secret: Secret,
    /// The Project ID that belongs to it.
    pub(super) project: Option<String>,
    /// The name of the Space that belongs to it.
    pub(super) space: Option<String>,
    /// The hosts that the Space is written as where it stands with the secret; nothing for its bare name.
    pub(super) hosts: BTreeSet<Option<Box<str>>>,
    /// How sure it is that project and Space belong to the secret.
    pub(super) bond: Bond,
}

/// What is to be done about a candidate.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// This is asked.
    Ask(Question),
    /// Nothing is asked: this is the answer.
    Known(Verification),
}

impl Candidate {
    /// The credential of which `finding` is a place.
    pub(super) fn of(finding: &Finding) -> Self {
        Self {
            part: finding.rule.part,
            secret: finding.parts.token.as_ref().unwrap_or(&finding.secret).clone(),
            project: None,
            space: None,
            hosts: BTreeSet::new(),
            bond: Bond::Sole,
        }
    }

    /// What is to be done, where `hosts` may be reached besides Spaces.
    pub(super) fn plan(&self, hosts: &Hosts, depth: Depth) -> Plan {
        let planned = match self.part {
            Part::Token => self.token(hosts).map(|access| Question::ApiToken(access, depth)),
            Part::ClientToken => self.client_token(hosts).map(|(space, token)| Question::Bearer(space, token)),
            Part::SigningKey => Err(unknown("no request tells whether a signing key is in force; rotate it")),
            Part::PackageToken => Err(unknown("no request is documented that tells whether it is in force")),
            Part::Password => Err(unknown("a password is never tried")),
            Part::PublicToken => Err(unknown("it is meant to be seen; nothing was asked")),
            Part::Project | Part::Space | Part::Other => Err(unknown("SignalWire has no answer for it")),
        };
        planned.map_or_else(Plan::Known, Plan::Ask)
    }

    fn token(&self, hosts: &Hosts) -> Result<Access, Verification> {
        let project = self.project.as_deref();
        let (Some(project), Some(_)) = (project, &self.space) else {
            let missing = match (project, &self.space) {
                (None, None) => "neither its Project ID nor its Space is known",
                (None, _) => "its Project ID is not known",
                _ => "its Space is not known",
            };
            let words = format!("not sent: {missing}; `barewire verify` takes all three");
            return Err(unknown(words));
        };
        let project = ProjectId::parse(project).ok_or_else(|| unknown("not sent: its Project ID is not a UUID"))?;
        Ok(Access { space: self.host(hosts)?, project, token: self.secret.clone() })
    }

    /// The host to ask: that of the Space, if it is written so or by its bare name, or one that is listed. What only leads
    /// to the name of a Space, such as the host of an application, is no proof of its host.
    fn host(&self, hosts: &Hosts) -> Result<Space, Verification> {
        let Some(name) = self.space.as_deref() else { return Err(unknown("not sent: its Space is not known")) };
        let usual = format!("{name}{DOMAIN}");
        let written: BTreeSet<&str> = self.hosts.iter().map(|host| host.as_deref().unwrap_or(&usual)).collect();
        let mut all = written.iter().copied();
        match (all.next(), all.next()) {
            (None, _) => Err(unknown("not sent: it is not known how its Space is written")),
            (Some(host), None) if host == usual => {
                Space::parse(host, hosts).map_err(|_| unknown("not sent: this host of SignalWire is no Space"))
            }
            (Some(host), None) if host.ends_with(DOMAIN) => Err(unknown(format!(
                "not sent: {host} is not the host of a Space itself; `barewire verify` takes all three parts"
            ))),
            (Some(host), None) => Space::parse(host, hosts)
                .map_err(|_| unknown(format!("not sent: {host} is no Space; `--allow-host {host}` lists it"))),
            (Some(one), Some(other)) => Err(unknown(format!(
                "not sent: its Space is written as {one} and as {other}; `barewire verify` takes all three parts"
            ))),
        }
    }

    /// What an answer of SignalWire is worth: a refusal proves nothing where project or Space may be those of another
    /// credential.
    pub(super) fn weigh(&self, answer: Verification) -> Verification {
        let doubt = match self.bond {
            Bond::Sole => return answer,
            Bond::Nearest => "its Project ID or Space is only the nearest of several in the file",
            Bond::Several => "it stands with other Project IDs or Spaces in other places, which were not asked with it",
            Bond::Elsewhere => "its Project ID or Space was taken from another file",
        };
        if answer.verdict != Verdict::Dead {
            return answer;
        }
        let mut evidence = answer.evidence;
        evidence.push(format!("but that is no proof: {doubt}"));
        Verification { verdict: Verdict::Unknown, evidence, ..answer }
    }

    fn client_token(&self, hosts: &Hosts) -> Result<(Space, Secret), Verification> {
        let token = ClientToken::read(&self.secret);
        token.offline()?;
        if self.space.is_none() {
            return Err(unknown(format!("not sent: its Space is not known; {}", token.lasts())));
        }
        let space = self.host(hosts)?;
        token.may_go_to(&space)?;
        Ok((space, self.secret.clone()))
    }
}

/// What a client token says of itself.
#[derive(Debug)]
pub(super) struct ClientToken {
    kind: String,
    /// The host that it is made for.
    channel: Option<String>,
    end: End,
}

impl ClientToken {
    /// Reads its header, and its claims if they are not encrypted.
    pub(super) fn read(token: &Secret) -> Self {
        let mut segments = token.expose().split(|byte| *byte == b'.');
        let mut object = || segments.next().and_then(jose::object).unwrap_or(Value::Null);
        let (header, claims) = (object(), object());
        let text = |name: &str| header[name].as_str().map(str::to_owned);
        Self { kind: text("typ").unwrap_or_default(), channel: text("ch"), end: jose::end(&header, &claims) }
    }

    /// Whether it has a header of one.
    pub(super) fn is_one(&self) -> bool {
        !self.kind.is_empty()
    }

    /// Whether there is anything to ask: an answer if not.
    pub(super) fn offline(&self) -> Result<(), Verification> {
        if let End::At(end) = self.end
            && end < now()
        {
            let words = format!("by its own words it ended {}", date(end));
            return Err(Verification::offline(Verdict::Dead, words));
        }
        if self.kind == "SAT" {
            return Ok(());
        }
        Err(unknown(format!("no safe request tells whether it is accepted; {}", self.lasts())))
    }

    /// A token that is made for one domain is not sent to another.
    pub(super) fn may_go_to(&self, space: &Space) -> Result<(), Verification> {
        let domain = |host: &str| host.rsplitn(3, '.').take(2).map(str::to_ascii_lowercase).collect::<Vec<_>>();
        let Some(channel) = self.channel.as_deref() else { return Ok(()) };
        if domain(channel) == domain(space.host()) {
            return Ok(());
        }
        Err(unknown(format!("not sent: it is not made for {}", space.host())))
    }

    fn lasts(&self) -> String {
        match self.end {
            End::At(end) => format!("by its own words it ends {}", date(end)),
            End::Never => "by its own words it never ends".to_owned(),
            End::Unknown => "it does not say when it ends".to_owned(),
        }
    }
}

fn date(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("{seconds} seconds after 1970"),
    }
}

fn unknown(evidence: impl Into<String>) -> Verification {
    Verification::offline(Verdict::Unknown, evidence)
}

/// The API token in `value`: in Basic authorization there is one behind a Project ID.
pub(super) fn token_in(value: &Secret) -> Secret {
    let decoded = STANDARD.decode(value.expose()).unwrap_or_default();
    match decoded.get(36..) {
        Some([b':', token @ ..]) if ProjectId::parse(&String::from_utf8_lossy(&decoded[..36])).is_some() => {
            Secret::new(token)
        }
        _ => value.clone(),
    }
}

/// What came of a question, in the terms of reports.
pub(super) fn verification(answer: Answer) -> Verification {
    let verdict = match answer.life {
        Life::Alive => Verdict::Alive,
        Life::Dead => Verdict::Dead,
        Life::Unknown => Verdict::Unknown,
    };
    let scopes = answer.scopes.map(|scopes| scopes.into_iter().map(state).collect());
    Verification { verdict, evidence: answer.evidence, scopes, token_id: None }
}

fn state(answer: ScopeAnswer) -> ScopeState {
    let holding = match answer.held {
        Held::Yes => Holding::Yes,
        Held::No => Holding::No,
        Held::Unknown => Holding::Unknown,
    };
    let ScopeAnswer { scope, evidence, .. } = answer;
    ScopeState { scope: scope.as_str(), holding, evidence, danger: scope.danger() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(part: Part, space: Option<&str>, written: &[Option<&str>]) -> Candidate {
        Candidate {
            part,
            secret: Secret::new("x"),
            project: Some(["5b1f60c2", "93ad", "4e07", "8d2b", "f47a1c0e96b3"].join("-")),
            space: space.map(str::to_owned),
            hosts: written.iter().map(|host| host.map(Into::into)).collect(),
            bond: Bond::Sole,
        }
    }

    /// The host that is asked, or why nothing is.
    fn planned(candidate: &Candidate, hosts: &Hosts) -> Result<String, String> {
        match candidate.plan(hosts, Depth::Life) {
            Plan::Ask(Question::ApiToken(access, _)) => Ok(access.space.host().to_owned()),
            Plan::Ask(Question::Bearer(space, _)) => Ok(format!("bearer at {}", space.host())),
            Plan::Known(known) => Err(format!("{}: {}", known.verdict.as_str(), known.evidence.join("; "))),
        }
    }

    #[test]
    fn a_token_goes_only_to_the_space_that_was_written() {
        let hosts = Hosts::default();
        let at = |written: &[Option<&str>]| planned(&candidate(Part::Token, Some("acme"), written), &hosts);
        for written in [&[None][..], &[Some("acme.signalwire.com")], &[None, Some("acme.signalwire.com")]] {
            assert_eq!(at(written).unwrap(), "acme.signalwire.com", "{written:?}");
        }
        for host in ["acme.dapp.signalwire.com", "acme.sip.signalwire.com", "acme-0a1b2c3d4e5f.sip.signalwire.com"] {
            assert!(at(&[Some(host)]).unwrap_err().contains("is not the host of a Space itself"), "{host}");
        }
        let both = at(&[Some("acme.swire.io"), None]).unwrap_err();
        assert!(both.contains("written as acme.signalwire.com and as acme.swire.io"), "{both}");
        assert!(at(&[Some("acme.swire.io")]).unwrap_err().contains("--allow-host acme.swire.io"));
        assert!(at(&[]).unwrap_err().contains("not sent"));
        let mut listed = Hosts::default();
        listed.list("acme.swire.io").unwrap();
        let staging = candidate(Part::Token, Some("acme"), &[Some("acme.swire.io")]);
        assert_eq!(planned(&staging, &listed).unwrap(), "acme.swire.io");
        let service = candidate(Part::Token, Some("relay"), &[None]);
        assert!(planned(&service, &hosts).unwrap_err().contains("no Space"));
    }

    #[test]
    fn a_refusal_proves_nothing_where_the_parts_may_be_those_of_another_credential() {
        let refused = |bond| {
            let candidate = Candidate { bond, ..candidate(Part::Token, Some("acme"), &[None]) };
            candidate.weigh(Verification::offline(Verdict::Dead, "refused"))
        };
        assert_eq!(refused(Bond::Sole), Verification::offline(Verdict::Dead, "refused"));
        for bond in [Bond::Nearest, Bond::Several, Bond::Elsewhere] {
            let answer = refused(bond);
            assert!(answer.verdict == Verdict::Unknown && answer.evidence[1].contains("no proof"), "{answer:?}");
            let candidate = Candidate { bond, ..candidate(Part::Token, Some("acme"), &[None]) };
            assert_eq!(candidate.weigh(Verification::offline(Verdict::Alive, "")).verdict, Verdict::Alive);
        }
    }

    #[test]
    fn what_lacks_a_part_or_cannot_be_asked_is_unknown() {
        let hosts = Hosts::default();
        let lone = candidate(Part::Token, None, &[]);
        assert!(planned(&lone, &hosts).unwrap_err().contains("its Space is not known"));
        let bare = Candidate { project: None, ..lone };
        assert!(planned(&bare, &hosts).unwrap_err().contains("neither its Project ID nor its Space"));
        for part in [Part::SigningKey, Part::PackageToken, Part::Password, Part::PublicToken, Part::Other] {
            let known = planned(&candidate(part, Some("acme"), &[None]), &hosts).unwrap_err();
            assert!(known.starts_with("unknown: "), "{known}");
        }
    }

    /// A client token with this header and these claims; nothing in it is signed.
    fn client_token(header: &str, claims: &str) -> Candidate {
        let segment = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let secret = Secret::new(format!("{}.{}.x", segment(header), segment(claims)));
        Candidate { secret, ..candidate(Part::ClientToken, Some("acme"), &[None]) }
    }

    #[test]
    fn a_client_token_is_read_before_it_is_sent() {
        let hosts = Hosts::default();
        let told = |header: &str, claims: &str| planned(&client_token(header, claims), &hosts);
        let expired = told(r#"{"typ":"VRT"}"#, r#"{"ju":1}"#).unwrap_err();
        assert_eq!(expired, "dead: by its own words it ended 1970-01-01 00:00 UTC");
        assert!(told(r#"{"typ":"VRT"}"#, "{}").unwrap_err().contains("it never ends"));
        assert!(told(r#"{"typ":"CRT"}"#, r#"{"iat":9999999999,"t":60}"#).unwrap_err().contains("it ends 2286-11-20"));
        assert_eq!(told(r#"{"typ":"SAT"}"#, "").unwrap(), "bearer at acme.signalwire.com");
        assert_eq!(told(r#"{"typ":"SAT","ch":"puc.signalwire.com"}"#, "").unwrap(), "bearer at acme.signalwire.com");
        let staging = told(r#"{"typ":"SAT","ch":"puc.swire.io"}"#, "").unwrap_err();
        assert!(staging.contains("not made for acme.signalwire.com"), "{staging}");
    }

    #[test]
    fn the_token_in_basic_authorization_is_what_is_sent() {
        let project = ["5b1f60c2", "93ad", "4e07", "8d2b", "f47a1c0e96b3"].join("-");
        let basic = Secret::new(STANDARD.encode(format!("{project}:sesame")));
        assert_eq!(token_in(&basic).expose(), b"sesame");
        assert_eq!(token_in(&Secret::new("sesame")).expose(), b"sesame");
    }
}
