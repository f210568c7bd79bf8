//! What the configuration and the baseline forgive, and what is said of them.

mod baseline;
mod config;
mod migrate;
mod paths;

use crate::support::repo::{Repo, Report};

/// An entry that allows what `criteria` say.
fn allow(criteria: &str) -> String {
    format!("[[allow]]\nreason = \"made up\"\n{criteria}\n")
}

/// A repository with `.barewire.toml`, which is committed.
fn configured(config: &str) -> Repo {
    let repo = Repo::new();
    repo.commit(".barewire.toml", config);
    repo
}

/// The paths of the tokens that are reported, in order.
fn paths(report: &Report) -> Vec<String> {
    let tokens = report.tokens();
    tokens.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// How many findings the reason forgave.
fn forgiven(report: &Report, reason: &str) -> u64 {
    report.json["suppressed"][reason].as_u64().unwrap_or(0)
}

/// What is said of the settings, as `path:line: message`.
fn notices(report: &Report) -> Vec<String> {
    let notices = report.json["notices"].as_array().cloned().unwrap_or_default();
    let text = |notice: &serde_json::Value| {
        let line = notice["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {}", notice["path"].as_str().unwrap(), notice["message"].as_str().unwrap())
    };
    notices.iter().map(text).collect()
}

/// The baseline as it is written.
fn written(repo: &Repo) -> String {
    std::fs::read_to_string(repo.at(".barewire-baseline.json")).unwrap()
}
