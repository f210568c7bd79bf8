//! A Space in an emulator, tokens in it, and a tree of files that hold them.

use crate::emulator::world::{Minted, Modes, Project, Token};
use crate::emulator::{Emulator, Face, Leaf};
use crate::support::template::Expander;
use crate::support::{Output, Run};

/// The Space of the tests. `acme` stands in so many documents that a scan takes it for an example.
pub(crate) const SPACE: &str = "northwind.signalwire.com";

/// A Space with one project.
pub(crate) struct Ground {
    pub(crate) emulator: Emulator,
    pub(crate) project: String,
    expander: Expander,
    values: Vec<String>,
}

impl Ground {
    pub(crate) fn new(modes: Modes) -> Self {
        let emulator = Emulator::with(modes, Leaf::Good, Face::Tls);
        let mut expander = Expander::default();
        let project = add_project(&emulator, &mut expander, SPACE);
        Self { emulator, project, expander, values: Vec::new() }
    }

    /// A value that no scan takes for a placeholder.
    pub(crate) fn value(&mut self, template: &str) -> String {
        let value = self.expander.expand_text(template);
        self.values.push(value.clone());
        value
    }

    /// The value of a token of the project.
    pub(crate) fn token(&mut self, scopes: &[&str]) -> String {
        let project = self.project.clone();
        self.token_of(&project, scopes)
    }

    /// The value of a token of another Space, and its project.
    pub(crate) fn foreign(&mut self) -> (String, String) {
        let project = add_project(&self.emulator, &mut self.expander, "southwind.signalwire.com");
        (self.token_of(&project, &["video"]), project)
    }

    fn token_of(&mut self, project: &str, scopes: &[&str]) -> String {
        let value = self.value("PT{hex:48}");
        self.emulator.world().tokens.push(Token {
            id: self.expander.expand_text("{uuid}"),
            name: "x".to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            value: value.clone(),
            project: project.to_owned(),
            deleted: None,
        });
        value
    }

    /// A token of a subscriber, which the Space accepts.
    pub(crate) fn subscriber(&mut self) -> String {
        let header = "{b64u:{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"SAT\"}}";
        let value = self.value(&format!("{header}..{{b64url:16}}.{{b64url:240}}.{{b64url:22}}"));
        self.emulator.world().minted.insert(value.clone(), Minted::Subscriber(i64::MAX));
        value
    }

    /// Lets a token live for so many requests more.
    pub(crate) fn delete(&self, token: &str, requests: u32) {
        let mut world = self.emulator.world();
        world.tokens.iter_mut().find(|known| known.value == token).unwrap().deleted = Some(requests);
    }

    /// A folder in which the program is led to the Space.
    pub(crate) fn run(&self) -> Run {
        Run::new().through(&self.emulator)
    }

    /// The same, where the environment holds a token.
    pub(crate) fn with(&self, token: &str) -> Run {
        let run = self.run().env("SIGNALWIRE_PROJECT_ID", &self.project).env("SIGNALWIRE_SPACE", SPACE);
        run.env("SIGNALWIRE_API_TOKEN", token)
    }

    /// What was sent since the beginning: who asks as what, and for what; sorted, each once.
    pub(crate) fn sent(&self) -> Vec<String> {
        let requests = self.emulator.requests();
        let mut lines: Vec<_> = requests.iter().map(|one| format!("{} {}", one.line(), one.auth)).collect();
        assert!(requests.iter().all(|one| one.body.is_empty() && one.server_name == one.host));
        lines.sort();
        lines.dedup();
        lines
    }

    /// No value of a test is in what was said.
    pub(crate) fn assert_silent(&self, output: &Output) {
        for value in &self.values {
            let trace = &value[8..24];
            assert!(!output.to_string().contains(trace), "{output}");
        }
    }
}

fn add_project(emulator: &Emulator, expander: &mut Expander, host: &str) -> String {
    let id = expander.expand_text("{uuid}");
    let mut world = emulator.world();
    world.spaces.insert(host.to_owned());
    let project = Project {
        id: id.clone(),
        name: "main".to_owned(),
        host: host.to_owned(),
        parent: None,
        signing_key: String::new(),
        has_numbers: false,
        restrictions: std::collections::BTreeSet::new(),
    };
    world.projects.insert(id.clone(), project);
    id
}

/// A file with these parts of a credential.
pub(crate) fn dotenv(run: Run, folder: &str, (project, token, space): (&str, &str, &str)) -> Run {
    let parts = [("PROJECT_ID", project), ("API_TOKEN", token), ("SPACE", space)];
    let lines: Vec<_> = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("SIGNALWIRE_{name}={value}\n"))
        .collect();
    run.bytes(format!("{folder}/.env"), lines.concat().as_bytes())
}
