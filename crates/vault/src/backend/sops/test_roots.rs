//! Rule R7: files lie in the folders of the inputs, wherever their paths start from.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tempfile::TempDir;

use super::sealing::*;
use super::*;

/// A repository with two apps, of which each file holds its own place.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Repository(tempfile::tempdir().unwrap());
        for name in [
            "secrets/common.json",
            "secrets/db.json",
            "web/secrets/db.json",
            "web/own.json",
            "web/secrets/both.json",
            "jobs/secrets/both.json",
            "jobs/secrets/jobs.json",
            "secrets/jobs/secrets/jobs.json",
        ] {
            let path = repository.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let content = file("at", name.as_bytes(), for_age(&DATA_KEY));
            std::fs::write(path, serde_json::Value::from(content).to_string()).unwrap();
        }
        symlink("../secrets/db.json", repository.path("web/out.json")).unwrap();
        symlink("own.json", repository.path("web/in.json")).unwrap();
        symlink("web", repository.path("link")).unwrap();
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What is read from the working folder `from`, with inputs in the folders `inputs`: the place
    /// of the file, or the kind of the error.
    async fn read(&self, from: &str, inputs: &[&str], path: &str) -> String {
        self.read_with(Settings::new(), from, inputs, path).await
    }

    async fn read_with(
        &self,
        settings: Settings,
        from: &str,
        inputs: &[&str],
        path: &str,
    ) -> String {
        let settings = settings
            .with_base(self.path(from))
            .with("SOPS_AGE_KEY", sample("throwaway-age.key"));
        let backend = Sops::at_home(&settings, None).unwrap();
        let run = RunContext::default().with_roots(inputs.iter().map(|input| self.path(input)));
        let request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
        match &backend.read(&[request], &run).await[0] {
            Ok(secret) => {
                let value = secret.value("at").unwrap().unwrap();
                value.expose().as_text().unwrap().to_owned()
            }
            Err(error) => format!("{:?}", error.kind()),
        }
    }

    fn absolute(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

const MISSING: &str = "NotFound";
const OUTSIDE: &str = "PermissionDenied";
const TWO: &str = "Ambiguous";

#[tokio::test]
async fn paths_start_from_the_working_folder_and_from_the_input() {
    let repository = Repository::new();
    let own = repository.absolute("web/own.json");
    let common = repository.absolute("secrets/common.json");
    for (path, expected) in [
        // As with AVP, and as the app itself sees it.
        ("web/own.json", "web/own.json"),
        ("own.json", "web/own.json"),
        ("web/../web/own.json", "web/own.json"),
        ("secrets/../own.json", "web/own.json"),
        ("in.json", "web/own.json"),
        ("link/own.json", "web/own.json"),
        (&own, "web/own.json"),
        // The one of the app: that of the working folder is out of reach.
        ("secrets/db.json", "web/secrets/db.json"),
        ("../web/own.json", "web/own.json"),
        ("none.json", MISSING),
        ("web/none.json", MISSING),
        ("own.json/x", MISSING),
        // It exists where AVP would look: not missing, but refused.
        ("secrets/common.json", OUTSIDE),
        ("../secrets/common.json", OUTSIDE),
        ("../secrets/none.json", OUTSIDE),
        ("../../none.json", OUTSIDE),
        ("out.json", OUTSIDE),
        ("jobs/secrets/jobs.json", OUTSIDE),
        (&common, OUTSIDE),
        ("/etc/passwd", OUTSIDE),
        ("/none", OUTSIDE),
    ] {
        for input in ["web", "link"] {
            let found = repository.read("", &[input], path).await;
            assert_eq!(found, expected, "{input}: {path}");
        }
    }
}

#[tokio::test]
async fn in_the_folder_of_the_app_it_is_avps_meaning() {
    let repository = Repository::new();
    // Standard input, and a program that says nothing about inputs, have the working folder.
    for inputs in [&["web"][..], &[]] {
        for (path, expected) in [
            ("own.json", "web/own.json"),
            ("secrets/db.json", "web/secrets/db.json"),
            ("secrets/common.json", MISSING),
            ("../secrets/common.json", OUTSIDE),
        ] {
            let found = repository.read("web", inputs, path).await;
            assert_eq!(found, expected, "{inputs:?}: {path}");
        }
    }
    let found = repository.read("", &[""], "secrets/common.json").await;
    assert_eq!(found, "secrets/common.json");
}

#[tokio::test]
async fn with_several_inputs_a_path_must_mean_one_file() {
    let repository = Repository::new();
    for (path, expected) in [
        ("own.json", "web/own.json"),
        ("secrets/jobs.json", "jobs/secrets/jobs.json"),
        ("secrets/both.json", TWO),
        ("web/secrets/both.json", "web/secrets/both.json"),
        ("jobs/secrets/both.json", "jobs/secrets/both.json"),
        ("secrets/common.json", OUTSIDE),
        ("secrets/none.json", MISSING),
    ] {
        let found = repository.read("", &["web", "jobs"], path).await;
        assert_eq!(found, expected, "{path}");
    }
    // From the working folder it is one file, from the input another one.
    let found = repository.read("", &["", "web"], "secrets/db.json").await;
    assert_eq!(found, TWO);
}

#[tokio::test]
async fn the_operator_can_open_another_folder() {
    let repository = Repository::new();
    // Relative to the working folder.
    let settings = || Settings::new().with("MANIFILL_FILE_ROOT", "secrets");
    for (path, expected) in [
        ("secrets/common.json", "secrets/common.json"),
        ("../secrets/common.json", "secrets/common.json"),
        ("own.json", "web/own.json"),
        ("secrets/db.json", TWO),
        // From the opened folder itself, which needs no `..` and so holds under a policy, too.
        ("common.json", "secrets/common.json"),
        ("none.json", MISSING),
        ("out.json", "secrets/db.json"),
        ("jobs/secrets/jobs.json", OUTSIDE),
    ] {
        let found = repository.read_with(settings(), "", &["web"], path).await;
        assert_eq!(found, expected, "{path}");
    }
}

/// The message names the path and says what to do, and the one about two files names neither.
#[tokio::test]
async fn what_is_refused_is_told() {
    let repository = Repository::new();
    let settings = Settings::new().with_base(repository.path(""));
    let backend = Sops::at_home(&settings, None).unwrap();
    let run = RunContext::default().with_roots(["web", "jobs"].map(|name| repository.path(name)));
    for (path, message, hint) in [
        (
            "secrets/common.json",
            "the path `secrets/common.json` leads out of the folder of the manifests",
            "MANIFILL_FILE_ROOT",
        ),
        (
            "secrets/both.json",
            "the path `secrets/both.json` means one file from one folder and another one from another",
            "one folder at a time",
        ),
    ] {
        let request = SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
        let answers = backend.read(&[request], &run).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.hint().unwrap().contains(hint));
    }
}
