//! What a server says when it starts.

use manifill::settings::Sources;
use manifill_argocd::serve::{Detail, Log, Options, ServeError, Server};

use super::{Told, World, ask};

#[tokio::test]
async fn a_server_does_not_start_without_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let occupied = occupied.local_addr().unwrap().to_string();
    let start = async |change: &dyn Fn(&mut Options), name: &str, value: &str| {
        let mut options = Options::new();
        options.socket_dir = folder.path().to_owned();
        change(&mut options);
        let settings = Sources::default().with_variable(name, value);
        let log = Log::new(Told::default(), Detail::Usual);
        let error = Server::bind(&options, settings, log).await.unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        (error.is_in_options(), told(&error))
    };
    let plain = |options: &mut Options| options.plugins = vec!["a=plain".parse().unwrap()];
    for (name, value, told) in [
        (
            "MANIFILL_SERVER_PARALLEL",
            "0",
            "must be a number of apps from 1 to 1000",
        ),
        (
            "MANIFILL_ARCHIVE_MEMORY",
            "64Mi",
            "must be a number of bytes, such as 67108864 (0 keeps no archive)",
        ),
        (
            "MANIFILL_SERVER_MEMORY",
            "2Gi",
            "must be a number of bytes, such as 2147483648",
        ),
        (
            "MANIFILL_REMOTE_HOSTS",
            "http://x",
            "MANIFILL_REMOTE_HOSTS: ",
        ),
        (
            "ARGOCD_GRPC_MAX_SIZE_MB",
            "0",
            "must be a number of megabytes",
        ),
    ] {
        let (is_in_options, error) = start(&plain, name, value).await;
        assert!(error.contains(name) && error.contains(told), "{error}");
        assert!(!is_in_options);
    }
    let twice = |options: &mut Options| {
        options.plugins = vec!["a=plain".parse().unwrap(), "a=helm".parse().unwrap()];
    };
    let error = start(&twice, "X", "").await.1;
    assert_eq!(error, "two plugins have the name `a`\n");
    let absent = |options: &mut Options| options.helm = Some("/nowhere/helm".into());
    let error = start(&absent, "X", "").await.1;
    assert_eq!(error, "there is no program `/nowhere/helm`\n");
    for (address, told, wrong) in [
        ("localhost", "is not an address", true),
        (":x", "is not an address", true),
        (occupied.as_str(), "cannot listen on 127.0.0.1:", false),
    ] {
        let listen = |options: &mut Options| options.listen = Some(address.to_owned());
        let (is_in_options, error) = start(&listen, "X", "").await;
        assert!(error.contains(told), "{error}");
        assert_eq!(is_in_options, wrong, "{address}");
    }
    // Of each kind of mistakes all are told, with those of backends.
    let wrong = |options: &mut Options| {
        options.plugins = ["a=plain", "b=helm", "a=helm", "a=auto"]
            .map(|plugin| plugin.parse().unwrap())
            .into();
        options.kustomize = Some(folder.path().join("nowhere"));
        options.listen = Some("x".to_owned());
    };
    let (is_in_options, error) = start(&wrong, "MANIFILL_SERVER_PARALLEL", "0").await;
    assert!(is_in_options);
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 3, "{error}");
    assert_eq!(lines[0], "two plugins have the name `a`");
    let mut options = Options::new();
    options.socket_dir = folder.path().to_owned();
    let settings = Sources::default()
        .with_variable("AVP_TYPE", "1passwordconnect")
        .with_variable("MANIFILL_SERVER_PARALLEL", "0")
        .with_variable("MANIFILL_REMOTE_HOSTS", "*")
        .with_variable("ARGOCD_GRPC_MAX_SIZE_MB", "x");
    let log = Log::new(Told::default(), Detail::Usual);
    let error = Server::bind(&options, settings, log).await.unwrap_err();
    let told: Vec<_> = error.mistakes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`MANIFILL_SERVER_PARALLEL` must be a number of apps from 1 to 1000, such as 8",
            "`ARGOCD_GRPC_MAX_SIZE_MB` must be a number of megabytes from 1 to 2048, such as 100",
            "MANIFILL_REMOTE_HOSTS: `*` is not a host name",
            "OP_CONNECT_HOST is not set",
            "OP_CONNECT_TOKEN is not set",
        ]
    );
    let place = error.mistakes()[0].place();
    assert_eq!(place, Some("MANIFILL_SERVER_PARALLEL (environment)"));
}

/// A line for each mistake, and its hint.
fn told(error: &ServeError) -> String {
    let mut told = String::new();
    for mistake in error.mistakes() {
        told += &mistake.to_string();
        if let Some(hint) = mistake.hint() {
            told += &format!(" ({hint})");
        }
        told.push('\n');
    }
    told
}

/// Wrong settings of a backend are each app's error: a sidecar that ends takes repo-server with it.
#[tokio::test]
async fn a_server_with_wrong_settings_serves_and_says_so() {
    let wrong =
        |_: &mut Options, settings: Sources| settings.with_variable("MANIFILL_TIMEOUT", "soon");
    let world = World::with(Detail::Usual, wrong).await;
    let told = "MANIFILL_TIMEOUT` must be a number of seconds";
    let at_start = world
        .told
        .lines()
        .into_iter()
        .find(|line| line["level"] == "error")
        .unwrap();
    assert!(
        at_start["text"].as_str().unwrap().contains(told),
        "{at_start}"
    );
    let error = world.client().await.generate(&ask()).await.unwrap_err();
    assert!(error.message().contains(told), "{error}");
}
