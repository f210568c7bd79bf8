//! Where credentials come from, and where they go.

use super::stage::{PROJECT, Show, Stage, answer};
use crate::support::{Output, Run};

const GET: &[&str] = &["api", "GET", "/api/video/rooms"];

fn stage() -> Stage {
    Stage::answering(answer("200 OK", "", "{}"))
}

/// The program with a project and a Space by options.
fn typed(stage: &Stage) -> Run {
    stage.bare().args(GET.iter().copied()).args(["--project", PROJECT, "--space", "acme", "-v"])
}

fn origin(output: &Output) -> &str {
    assert_eq!(output.code, 0, "{output}");
    output.stderr.lines().find_map(|line| line.strip_prefix("API token: from ")).unwrap()
}

#[cfg(unix)]
fn private(run: Run, name: &str, mode: u32) -> Run {
    use std::os::unix::fs::PermissionsExt as _;

    let run = run.file(name, "PT{hex:48}\n");
    std::fs::set_permissions(run.dir().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    run
}

#[test]
fn a_token_comes_by_standard_input() {
    let stage = stage();
    let output = typed(&stage).args(["--token-stdin"]).stdin("PT{hex:48}\r\n").run();
    assert_eq!(origin(&output), "standard input");
    let output = typed(&stage).args(["--token-stdin"]).stdin(" \n").run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("standard input holds no API token: it is empty; nothing was sent"), "{output}");
    assert_eq!(stage.requests().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_token_comes_from_a_file_that_nobody_else_can_read() {
    let stage = stage();
    let output = private(typed(&stage), "token", 0o600).args(["--token-file", "token"]).run();
    assert_eq!(origin(&output), "token");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let output = private(typed(&stage), "token", mode).args(["--token-file", "token"]).run();
        assert_eq!(output.code, 2, "{output}");
        let words = format!(
            "error: others can read token (its mode is {mode:04o}); it was not used\nhelp: Run `chmod 600 token`.\n"
        );
        assert!(output.stderr.ends_with(&words), "{output}");
    }
    let output = typed(&stage).args(["--token-file", "none"]).run();
    assert!(output.code == 2 && output.stderr.contains("none: "), "{output}");
    assert_eq!(stage.requests().len(), 1);
}

/// As `--token-file <(pass show signalwire)` does it.
#[cfg(unix)]
#[test]
fn a_token_comes_through_a_pipe() {
    let stage = stage();
    let run = typed(&stage).stdin("PT{hex:48}").args(["--token-file", "/dev/stdin"]);
    assert_eq!(origin(&run.run()), "/dev/stdin");
}

#[test]
fn the_environment_is_read_in_all_dialects() {
    let stage = stage();
    for (project, space, token) in [
        ("SIGNALWIRE_PROJECT_ID", ("SIGNALWIRE_SPACE", "acme"), "SIGNALWIRE_API_TOKEN"),
        ("SIGNALWIRE_PROJECT_KEY", ("SIGNALWIRE_SPACE_URL", "https://acme.signalwire.com"), "SIGNALWIRE_TOKEN"),
        ("PROJECT_ID", ("SIGNALWIRE_SPACE", "acme"), "REST_API_TOKEN"),
        ("SIGNAL_WIRE_PROJECT", ("SIGNAL_WIRE_SPACE", "acme.signalwire.com"), "SIGNAL_WIRE_AUTH_TOKEN"),
        ("ProjectID", ("SPACE_URL", "acme.signalwire.com"), "AuthToken"),
        ("SW_PROJECT_ID", ("SW_SPACE", "ACME"), "SW_API_TOKEN"),
    ] {
        let run = stage.bare().env(project, PROJECT).env(space.0, space.1).armed_env(token, "PT{hex:48}");
        let output = run.args(GET.iter().copied()).args(["-v"]).run();
        assert_eq!(origin(&output), format!("the variable {token}"));
        assert!(output.stderr.contains(&format!("Project ID: from the variable {project}\n")), "{output}");
        assert!(output.stderr.contains(&format!("Space: from the variable {}\n", space.0)), "{output}");
    }
    assert!(stage.requests().iter().all(|seen| seen.header("host") == "acme.signalwire.com"));
}

#[test]
fn a_name_that_says_little_is_believed_for_an_unmistakable_value_alone() {
    let stage = stage();
    let output = typed(&stage).armed_env("API_TOKEN", "{alnum:50}").run();
    assert_eq!(output.code, 2);
    let words = "error: there is no API token; nothing was sent\nhelp: Set SIGNALWIRE_API_TOKEN, or give --token-stdin or \
                 --token-file. API_TOKEN is set, but holds no API token.\n";
    assert!(output.stderr.ends_with(words), "{output}");
    assert!(stage.connects().is_empty());
}

#[test]
fn two_names_that_disagree_are_told() {
    let stage = stage();
    let output = stage
        .run()
        .args(GET.iter().copied())
        .armed_env("API_TOKEN", "PT{hex:48}")
        .env("SW_SPACE", "acme.signalwire.com")
        .run();
    let words = "warning: the variable SIGNALWIRE_API_TOKEN and the variable API_TOKEN hold different values; the API token of \
                 the variable SIGNALWIRE_API_TOKEN is used\n";
    assert_eq!((output.code, &*output.stderr), (0, words));
}

#[test]
fn options_come_before_the_environment_and_the_environment_before_a_file() {
    let stage = stage();
    let file = format!(
        "# x\nexport SIGNALWIRE_SPACE='beta'\nSIGNALWIRE_PROJECT_ID=\"{PROJECT}\"\nAPI_TOKEN=`PT{{hex:48}}` # y\n"
    );
    let run = stage.bare().file(".env", &file).args(GET.iter().copied()).args(["--env-file", ".env", "-v"]);
    let output = run.env("SIGNALWIRE_SPACE", "acme").run();
    assert_eq!(origin(&output), "API_TOKEN in .env:4");
    assert!(
        output
            .stderr
            .contains("Space: from the variable SIGNALWIRE_SPACE\nProject ID: from SIGNALWIRE_PROJECT_ID in .env:3\n"),
        "{output}"
    );
    assert!(output.stderr.contains("SIGNALWIRE_SPACE in .env:2 hold different values"), "{output}");
    let output = stage.run().args(GET.iter().copied()).args(["--space", "gamma", "-v"]).run();
    assert!(output.stderr.contains("Space: from --space\n") && !output.stderr.contains("warning"), "{output}");
    assert!(stage.connects()[1].starts_with("CONNECT gamma.signalwire.com:443 "));
}

#[test]
fn a_file_of_variables_that_is_wrong_is_told_by_its_line() {
    let stage = stage();
    let parts = "SIGNALWIRE_SPACE=acme\nSIGNALWIRE_PROJECT_ID={uuid}\nset -a\n";
    let run = stage.bare().file("x.env", &format!("{parts}SIGNALWIRE_API_TOKEN PT{{hex:48}}\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(run.dir().join("x.env"), std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    let output = run.args(GET.iter().copied()).args(["--env-file", "x.env"]).run();
    let open =
        if cfg!(unix) { "warning: anybody on this machine can write x.env; run `chmod go-w x.env`\n" } else { "" };
    let wrong = "error: x.env:4: this is not NAME=value\n";
    assert_eq!((output.code, output.stderr), (2, format!("{open}{wrong}")));
}

#[test]
fn a_value_that_cannot_be_meant_is_refused_unseen() {
    let stage = stage();
    for (name, value, words) in [
        ("SIGNALWIRE_API_TOKEN", "your-api-token", "it is a placeholder"),
        ("SIGNALWIRE_API_TOKEN", "PSK_{base58:24}", "this is a signing key"),
        ("SIGNALWIRE_API_TOKEN", "PT{hex:40}", "it is 42 characters long"),
        ("SIGNALWIRE_PROJECT_ID", "PT{hex:48}", "holds no Project ID, but something that is not a UUID"),
        (
            "SIGNALWIRE_SPACE",
            "PT{hex:48}",
            "the variable SIGNALWIRE_SPACE: this is not the name of a Space, nor of a host",
        ),
        ("SIGNALWIRE_API_TOKEN", "${OTHER}", "it names a variable, and nothing is expanded"),
        ("SIGNALWIRE_SPACE", "your-space", "SIGNALWIRE_SPACE holds a placeholder, your-space, and no Space"),
        ("SIGNALWIRE_SPACE", "evil.example", "evil.example is not a host of SignalWire; nothing was sent"),
        ("SIGNALWIRE_SPACE", "http://acme.signalwire.com", "a Space is reached by HTTPS only"),
        ("HTTPS_PROXY", "http://me:{alnum:20}@:x", "HTTPS_PROXY: the address of the proxy is not a URL"),
    ] {
        let run = stage.run().args(GET.iter().copied()).armed_env(name, value);
        let output = run.run();
        assert_eq!(output.code, 2, "{name} {output}");
        assert!(output.stderr.contains(words), "{name}\n{output}");
        let given = run.command().get_envs().find(|(key, _)| *key == name).unwrap().1.unwrap().to_owned();
        let given = given.to_str().unwrap().to_lowercase();
        assert!(given.len() < 30 || !output.stderr.to_lowercase().contains(&given[given.len() - 16..]), "{output}");
    }
    assert!(stage.connects().is_empty());
}

#[test]
fn arguments_with_secrets_are_refused_with_the_way_to_give_them() {
    let stage = stage();
    for arg in [
        "--token-file=PT{hex:48}",
        "-fvalue=PT{hex:48}",
        "-fkey=PSK_{base58:24}",
        "-fjwt={b64u:{\"typ\":\"VRT\"}}.{b64u:{\"iat\":1}}.{b64url:86}",
        "-fsat={b64u:{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"SAT\"}}..{b64url:16}.{b64url:40}.{b64url:22}",
        "--space=https://me:sesame@acme.signalwire.com",
        "--project=PT{hex:48}",
    ] {
        let output = stage.run().args(["api", "POST", "/api/x"]).armed_arg(arg).run();
        assert_eq!(output.code, 2, "{arg}: {output}");
        assert!(
            output.stderr.contains("--token-stdin or --token-file") && output.stderr.contains("--input"),
            "{output}"
        );
        assert!(!output.stderr.contains("sesame"), "{output}");
    }
    assert!(stage.connects().is_empty());
}

#[test]
fn a_host_is_listed_by_an_option_or_by_the_users_own_configuration() {
    let list = "hosts = [\"voice.example.org\"]\n";
    let connected = |run: Run| run.args(["--space", "voice.example.org"]).run();
    let refused = |stage: &Stage, run: Run, words: &str| {
        let output = connected(run);
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains(words), "{output}");
        assert!(stage.connects().is_empty());
    };
    let run = |stage: &Stage| stage.run().args(GET.iter().copied());
    let (name, foreign) = ("../home/.config/barewire/config.toml", "voice.example.org is not a host of SignalWire");
    for set in [
        |run: Run, _: &str| run.args(["--allow-host", "voice.example.org"]),
        |run: Run, list: &str| run.file("../home/.config/barewire/config.toml", list),
        |run: Run, list: &str| {
            let folder = run.dir().join("../own");
            run.file("../own/barewire/config.toml", list).env("XDG_CONFIG_HOME", folder)
        },
    ] {
        let stage = Stage::new(Show::WrongName, |_, _| false);
        assert_eq!(connected(set(run(&stage), list)).code, 3);
        assert!(stage.connects()[0].starts_with("CONNECT voice.example.org:443 "));
    }
    let stage = stage();
    refused(&stage, run(&stage).file(".barewire.toml", list), foreign);
    refused(&stage, run(&stage).file(".config/barewire/config.toml", list), foreign);
    let relative = run(&stage).file("own/barewire/config.toml", list).env("XDG_CONFIG_HOME", "own");
    refused(&stage, relative, foreign);
    refused(&stage, run(&stage).file(name, "host = []\n"), "config.toml:1:1: unknown field `host`, expected `hosts`");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let run = run(&stage).file(name, list);
        std::fs::set_permissions(run.dir().join(name), std::fs::Permissions::from_mode(0o620)).unwrap();
        refused(&stage, run, "config.toml (its mode is 0620); it was not used");
    }
}

#[test]
fn a_proxy_is_that_of_curl() {
    let nobody = "http://127.0.0.1:1";
    for (set, is_used) in [
        (&[("https_proxy", true), ("HTTPS_PROXY", false)][..], true),
        (&[("HTTPS_PROXY", true), ("ALL_PROXY", false)], true),
        (&[("HTTPS_PROXY", false), ("no_proxy", false)], false),
        (&[("all_proxy", true)], true),
        (&[("http_proxy", true)], false),
    ] {
        let stage = stage();
        let mut run = stage.run().args(GET.iter().copied()).args(["--timeout", "0.5"]).env("HTTPS_PROXY", "");
        for (name, is_right) in set {
            let value = if *is_right { stage.proxy() } else { nobody.to_owned() };
            run = run.env(name, if *name == "no_proxy" { "signalwire.com".to_owned() } else { value });
        }
        if is_used {
            assert_eq!(run.run().code, 0, "{set:?}");
        }
        assert_eq!(!stage.connects().is_empty(), is_used, "{set:?}");
    }
}

#[test]
fn the_password_of_a_proxy_goes_to_it_alone() {
    let stage = stage();
    let address = stage.proxy().replace("http://", "http://me:sesame@");
    let output = stage.run().args(GET.iter().copied()).args(["-v"]).env("HTTPS_PROXY", address).run();
    assert_eq!(output.code, 0, "{output}");
    assert!(!output.stderr.contains("sesame"), "{output}");
    assert!(stage.connects()[0].contains("Proxy-Authorization: Basic bWU6c2VzYW1l\r\n"), "{:?}", stage.connects());
    assert!(stage.requests()[0].header("proxy-authorization").is_empty());
}

#[test]
fn a_file_of_roots_that_holds_none_is_told() {
    let stage = stage();
    for (name, text, words) in [
        ("empty.pem", "", "empty.pem: there is no certificate in PEM form in it; nothing was sent"),
        ("key.pem", "-----BEGIN X-----\nAAAA\n-----END X-----\n", "key.pem: there is no certificate"),
    ] {
        let output = stage.run().file(name, text).args(GET.iter().copied()).args(["--ca-file", name]).run();
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains(words), "{output}");
    }
    let output = stage.run().args(GET.iter().copied()).args(["--ca-file", "none.pem"]).run();
    assert!(output.code == 2 && output.stderr.contains("none.pem: "), "{output}");
    assert!(stage.connects().is_empty());
}

#[test]
fn the_usual_variable_for_roots_is_honoured() {
    let stage = stage();
    let run = stage.run().args(GET.iter().copied()).env("BAREWIRE_CA_FILE", "");
    let root = run.dir().join("../ca.pem");
    assert_eq!(run.run().code, 3);
    assert_eq!(run.env("SSL_CERT_FILE", root).run().code, 0);
}

/// Neither a core file nor another program of the same user gets at the token.
#[cfg(target_os = "linux")]
#[test]
fn the_process_leaves_no_core() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let stage = Stage::new(Show::Good, move |_, _| {
        sender.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(2));
        false
    });
    let run = stage.run().args(["api", "POST", "/api/x"]);
    let mut child = run.command().stderr(std::process::Stdio::null()).spawn().unwrap();
    receiver.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}
