use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::suite::{self, Case, Fixture, SENTINEL, Setup};
use crate::{Exposed, SecretPath};

fn script(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("src/backend/command/testdata").join(name);
    path.display().to_string()
}

/// A command that prints this answer, and the folder in which it keeps what it is asked.
fn prepared(answer: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("answer"), answer).unwrap();
    let argument = folder.path().display().to_string();
    (
        folder,
        Command::new(script("prepared"), [argument]).unwrap(),
    )
}

fn misbehaving(arguments: &[&str]) -> Command {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned());
    Command::new(script("misbehaving"), arguments).unwrap()
}

async fn read(command: &Command, run: &RunContext) -> Result<Secret, VaultError> {
    let request = SecretRequest::new(SecretPath::verbatim("p"), Keys::names(["k"]));
    command.read(&[request], run).await.remove(0)
}

async fn refused(command: &Command) -> (VaultErrorKind, String, Option<&'static str>) {
    let error = read(command, &RunContext::default()).await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.hint());
    assert!(!shown.contains(SENTINEL), "{shown}");
    let text = error.to_string().replace(&command.program, "COMMAND");
    (error.kind(), text, error.hint())
}

/// The suite on a command that prints what was prepared.
struct Prepared(TempDir);

#[async_trait]
impl Fixture for Prepared {
    async fn set_up(&self, case: Case) -> Setup {
        let (value, field) = (
            case.value().to_json(),
            match case.value().expose() {
                Exposed::Bytes(_) => "base64",
                _ => "values",
            },
        );
        let answer = match case {
            Case::MissingPath | Case::MissingVersion => r#"{"error": "not-found"}"#.to_owned(),
            Case::MissingKey => format!(r#"{{"values": {{"user": {value}}}}}"#),
            Case::SameName => {
                format!(r#"{{"values": {{"k": {value}}}, "base64": {{"k": "AAEC"}}}}"#)
            }
            Case::WrongToken => r#"{"error": "unauthenticated"}"#.to_owned(),
            Case::Denied => r#"{"error": "permission-denied"}"#.to_owned(),
            Case::WrongType => format!("\"{SENTINEL}\""),
            Case::Page => format!("<html>{SENTINEL}</html>"),
            Case::Truncated => format!(r#"{{"values": {{"k": "{SENTINEL}"#),
            _ => format!(r#"{{"{field}": {{"k": {value}}}}}"#),
        };
        let folder = self.0.path().join(case.as_str());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("answer"), answer).unwrap();
        let arguments = [folder.display().to_string()];
        let command = match case {
            Case::Silence => misbehaving(&["slow", &arguments[0]]),
            _ => Command::new(script("prepared"), arguments).unwrap(),
        };
        let setup = Setup::new(Arc::new(command), "p", "k");
        match case {
            Case::MissingVersion => setup.with_version("3"),
            _ => setup,
        }
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        let mut cases = vec![(
            Case::Version,
            "the script prints one answer; tested beside the suite",
        )];
        cases.push((Case::OwnLogin, "only the program knows its login"));
        let servers = Case::NETWORK.iter();
        cases
            .extend(servers.map(|case| (*case, "the suite breaks servers only; tested beside it")));
        cases
    }
}

#[tokio::test]
async fn it_conforms() {
    suite::run_all(&Prepared(tempfile::tempdir().unwrap())).await;
}

/// The cases of the suite that break a server, with a command that breaks in their way.
#[tokio::test]
async fn it_breaks_as_servers_break() {
    let fixture = Prepared(tempfile::tempdir().unwrap());
    for (case, kind) in [
        (Case::WrongToken, VaultErrorKind::Unauthenticated),
        (Case::Denied, VaultErrorKind::PermissionDenied),
        (Case::WrongType, VaultErrorKind::InvalidAnswer),
        (Case::Page, VaultErrorKind::InvalidAnswer),
        (Case::Truncated, VaultErrorKind::InvalidAnswer),
    ] {
        fixture.set_up(case).await;
        let folder = fixture.0.path().join(case.as_str()).display().to_string();
        let command = Command::new(script("prepared"), [folder]).unwrap();
        assert_eq!(refused(&command).await.0, kind, "{case:?}");
    }
}

#[tokio::test]
async fn the_question_is_one_object_for_each_path_and_version() {
    let (folder, command) = prepared(r#"{"values": {"a": 1, "b": "2", "c": null}}"#);
    let request = |version: Option<&str>, keys: Keys| {
        let mut request = SecretRequest::new(SecretPath::verbatim("Home/\"db\"\n"), keys);
        request.version = version.map(str::to_owned);
        request
    };
    let run = RunContext::default();
    let requests = [
        request(None, Keys::names(["b"])),
        request(None, Keys::names(["a", "b"])),
    ];
    let answers = command.read(&requests, &run).await;
    assert!(answers.iter().all(|answer| answer.is_ok()));
    let asked = || std::fs::read_to_string(folder.path().join("asked")).unwrap();
    let expected = r#"{"path":"Home/\"db\"\n","version":null,"keys":["a","b"]}"#;
    assert_eq!(asked(), expected);
    let count = || {
        std::fs::read_to_string(folder.path().join("count"))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(count(), 1);

    let requests = [
        request(Some("7"), Keys::names(["a"])),
        request(Some("7"), Keys::All),
    ];
    let answers = command.read(&requests, &run).await;
    let secret = answers[1].as_ref().unwrap();
    assert_eq!((secret.version(), secret.names().len()), (Some("7"), 3));
    assert!(secret.value("c").is_none());
    let expected = r#"{"path":"Home/\"db\"\n","version":"7","keys":null}"#;
    assert_eq!((asked().as_str(), count()), (expected, 2));
}

#[tokio::test]
async fn values_keep_types_and_digits_and_bytes_are_bytes() {
    let (_folder, command) = prepared(
        r#"{"values": {"n": 12345678901234567890.10, "m": {"l": [1, null]}}, "base64": {"b": "AAH/"}, "names": ["n", "x"]}"#,
    );
    let secret = read(&command, &RunContext::default()).await.unwrap();
    let value = |key: &str| secret.value(key).unwrap().unwrap();
    assert!(value("n").expose() == Exposed::Number("12345678901234567890.10"));
    assert_eq!(value("m").to_json(), r#"{"l":[1,null]}"#);
    assert!(value("b").expose() == Exposed::Bytes(&[0, 1, 255]));
    assert_eq!(secret.names().collect::<Vec<_>>(), ["n", "x"]);
}

#[tokio::test]
async fn what_is_missing_denied_and_unreachable_is_told_apart() {
    for (word, kind, message) in [
        (
            "not-found",
            VaultErrorKind::NotFound,
            "`COMMAND` finds nothing at path `p`",
        ),
        (
            "ambiguous",
            VaultErrorKind::Ambiguous,
            "`COMMAND` finds several things at path `p`",
        ),
        (
            "permission-denied",
            VaultErrorKind::PermissionDenied,
            "`COMMAND` may not read path `p`",
        ),
        (
            "unauthenticated",
            VaultErrorKind::Unauthenticated,
            "`COMMAND` cannot log in for path `p`",
        ),
        (
            "unavailable",
            VaultErrorKind::Unavailable,
            "`COMMAND` cannot be served for path `p`",
        ),
        (
            "invalid-request",
            VaultErrorKind::InvalidRequest,
            "`COMMAND` cannot have a path such as `p`",
        ),
    ] {
        let (_folder, command) = prepared(&format!(r#"{{"error": "{word}"}}"#));
        let (found, text, _) = refused(&command).await;
        assert_eq!((found, text.as_str()), (kind, message));
        assert_eq!(kind.as_str(), word);
    }
}

#[tokio::test]
async fn another_answer_is_refused_without_a_word_of_it() {
    let not_json = "what `COMMAND` prints for path `p` is not JSON";
    let no_answer = "what `COMMAND` prints for path `p` is not an answer";
    for (answer, message) in [
        ("", not_json),
        ("{", not_json),
        (SENTINEL, not_json),
        ("{} {}", not_json),
        ("{}", no_answer),
        ("[]", no_answer),
        (r#"{"value": {"k": "sentinel-4c1f9e"}}"#, no_answer),
        (r#"{"values": "sentinel-4c1f9e"}"#, no_answer),
        (r#"{"values": {}, "other": "sentinel-4c1f9e"}"#, no_answer),
        (r#"{"values": {}, "error": "not-found"}"#, no_answer),
        (r#"{"error": "sentinel-4c1f9e"}"#, no_answer),
        (r#"{"error": null}"#, no_answer),
        (r#"{"names": []}"#, no_answer),
        (r#"{"values": {}, "names": [1]}"#, no_answer),
        (
            r#"{"base64": {"k": "sentinel-4c1f9e"}}"#,
            "what `COMMAND` prints for path `p` is not base64",
        ),
        (
            r#"{"base64": {"k": 1}}"#,
            "what `COMMAND` prints for path `p` is not base64",
        ),
    ] {
        let (_folder, command) = prepared(answer);
        let (kind, text, hint) = refused(&command).await;
        assert_eq!(
            (kind, text.as_str()),
            (VaultErrorKind::InvalidAnswer, message),
            "{answer}"
        );
        assert!(hint.unwrap().contains("values"));
    }
}

#[tokio::test]
async fn failures_are_told_and_standard_error_is_not_shown() {
    let (kind, text, hint) = refused(&misbehaving(&["fails"])).await;
    assert_eq!(kind, VaultErrorKind::Unavailable);
    assert_eq!(text, "`COMMAND` failed with status `3` for path `p`");
    assert!(hint.unwrap().starts_with("it wrote to standard error"));
    let (_, text, hint) = refused(&misbehaving(&["quietly"])).await;
    assert_eq!(
        (text.as_str(), hint),
        ("`COMMAND` failed with status `1` for path `p`", None)
    );
    let (kind, text, _) = refused(&misbehaving(&["killed"])).await;
    assert_eq!(kind, VaultErrorKind::Unavailable);
    assert_eq!(text, "`COMMAND` was ended by a signal for path `p`");
    let (kind, text, _) = refused(&misbehaving(&["endless"])).await;
    assert_eq!(
        (kind, text.as_str()),
        (VaultErrorKind::InvalidAnswer, "`COMMAND` prints too much")
    );
}

/// Neither a full pipe nor a closed one keeps it from answering.
#[tokio::test]
async fn what_it_does_with_its_other_streams_does_not_matter() {
    for how in ["chatty", "deaf"] {
        let keys: Vec<String> = (0..20_000).map(|key| format!("key-{key}")).collect();
        let request = SecretRequest::new(SecretPath::verbatim("p"), Keys::names(keys));
        let answers = misbehaving(&[how])
            .read(&[request], &RunContext::default())
            .await;
        let value = answers[0].as_ref().unwrap().value("k").unwrap().unwrap();
        assert_eq!(value.expose().as_text(), Some("v"), "{how}");
    }
}

#[tokio::test]
async fn it_gets_the_environment_as_it_is() {
    let run = RunContext::default();
    let secret = read(&misbehaving(&["environment"]), &run).await.unwrap();
    let value = secret.value("k").unwrap().unwrap();
    let path = std::env::var("PATH").unwrap();
    assert_eq!(value.expose().as_text(), Some(path.as_str()));
}

/// Waits until a process is gone: killed, though perhaps not yet waited for.
async fn is_gone(child: &str) {
    let status = PathBuf::from(format!("/proc/{child}/status"));
    let runs = || {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let state = status.lines().find(|line| line.starts_with("State:"));
        state.is_some_and(|state| !state.contains('Z'))
    };
    for _ in 0..1000 {
        if !runs() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {child} still runs");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn at_the_deadline_its_whole_group_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let command = misbehaving(&["slow", &folder.path().display().to_string()]);
    let run = RunContext::new()
        .with_timeout(Duration::from_millis(1500))
        .with_concurrency(1);
    let error = read(&command, &run).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    let message = format!("`{}` was not done in time for path `p`", command.program);
    assert_eq!(error.to_string(), message);
    let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
    is_gone(child.trim()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_running() {
    let folder = tempfile::tempdir().unwrap();
    let command = misbehaving(&["slow", &folder.path().display().to_string()]);
    let task = tokio::spawn(async move { read(&command, &RunContext::default()).await.is_ok() });
    let file = folder.path().join("child");
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    is_gone(std::fs::read_to_string(file).unwrap().trim()).await;
}

#[tokio::test]
async fn a_run_that_is_over_starts_nothing() {
    let (folder, command) = prepared("{}");
    let error = read(
        &command,
        &RunContext::new()
            .with_timeout(Duration::ZERO)
            .with_concurrency(1),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert!(!folder.path().join("asked").exists());
}

#[test]
fn the_setting_is_a_path_or_a_list() {
    let command = |text: &str| Command::parse(text).unwrap();
    let words = |command: Command| (command.program, command.arguments);
    let (program, arguments) = words(command("/opt/my tools/read; rm -rf"));
    assert_eq!(
        (program.as_str(), arguments.len()),
        ("/opt/my tools/read; rm -rf", 0)
    );
    let (program, arguments) = words(command(r#"["op-read", "--x", "a b", "$HOME"]"#));
    assert_eq!(
        (program.as_str(), arguments),
        ("op-read", vec!["--x".into(), "a b".into(), "$HOME".into()])
    );
    for wrong in [
        "./read",
        "bin/read",
        "../read",
        "a/",
        ".",
        "..",
        "[]",
        "[1]",
        "[\"a\"",
        "[\"\"]",
        "[\"./a\"]",
        "[[\"a\"]]",
    ] {
        let error = Command::parse(wrong).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration, "{wrong}");
        assert!(
            error.to_string().starts_with("`MANIFILL_COMMAND` must"),
            "{error}"
        );
    }
    let error = connect(&Settings::new(), &ConnectContext::new()).unwrap_err();
    assert_eq!(error.to_string(), "`MANIFILL_COMMAND` is not set");
}

#[tokio::test]
async fn what_is_no_executable_is_told() {
    for (program, message) in [
        (
            "/nowhere/read".to_owned(),
            "there is no executable `COMMAND`",
        ),
        (
            "no-such-program-here".to_owned(),
            "there is no executable `COMMAND`",
        ),
        (
            format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR")),
            "`COMMAND` may not be executed",
        ),
    ] {
        let command = Command::new(program, []).unwrap();
        let (kind, text, _) = refused(&command).await;
        assert_eq!(
            (kind, text.as_str()),
            (VaultErrorKind::Configuration, message)
        );
    }
}

#[test]
fn arguments_are_not_shown() {
    let setting = format!("[\"read-secret\", \"--token={SENTINEL}\"]");
    let settings = Settings::new().with("MANIFILL_COMMAND", setting);
    let shown = format!("{:?}", connect(&settings, &ConnectContext::new()).unwrap());
    assert!(
        shown.contains("read-secret") && !shown.contains(SENTINEL),
        "{shown}"
    );
}

#[tokio::test]
async fn arguments_in_the_name_of_the_executable_get_a_hint() {
    for (text, hinted) in [("no-such read", true), ("no-such", false)] {
        let settings = Settings::new().with("MANIFILL_COMMAND", text);
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let request = SecretRequest::new(SecretPath::verbatim("a"), Keys::All);
        let answers = backend.read(&[request], &RunContext::new()).await;
        let hint = answers[0].as_ref().unwrap_err().hint();
        assert_eq!(
            hint.is_some_and(|hint| hint.contains("JSON list")),
            hinted,
            "{text}"
        );
    }
}
