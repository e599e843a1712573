//! The sources of a login, each against a scripted server, and which of them counts.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use super::command_line::CommandLine;
use super::{Azure, RunLogins};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// A server that is a vault, the service to log in at, an app service and a machine. A token says
/// where it is from.
async fn serve() -> Server {
    Server::start(|seen| {
        let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let granted = |from: &str| {
            let end = "4070908800";
            Reply::json(json!({"access_token": from, "expires_on": end}).to_string())
        };
        match path {
            "/tenant.example/oauth2/v2.0/token" => {
                let start = "grant_type=client_credentials&client_id=client&scope=https%3A%2F%2Fvault.azure.net%2F.default&";
                match body.strip_prefix(start) {
                    Some("client_secret=s%2B") => granted("secret"),
                    Some(proof) if proof.ends_with("&client_assertion=pod") => granted("federated"),
                    Some(proof) if proof.contains("&client_assertion=ey") => granted("certificate"),
                    _ => {
                        let error = json!({"error": "invalid_client", "error_description": SENTINEL,
                            "error_codes": [7_000_215]});
                        Reply::json(error.to_string()).with_status(401)
                    }
                }
            }
            "/app/token" => {
                assert!(query.starts_with("api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net"));
                match (seen.header("x-identity-header"), query.contains("&client_id=no")) {
                    (_, true) => Reply::new(400).with_body(SENTINEL),
                    (Some("h"), _) => granted("service"),
                    _ => Reply::new(401),
                }
            }
            "/metadata/identity/oauth2/token" => {
                assert_eq!(seen.header("metadata"), Some("true"));
                assert!(query.starts_with("api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"));
                if query.contains("client_id=no") {
                    Reply::new(400).with_body(SENTINEL)
                } else {
                    granted("machine")
                }
            }
            "/none/metadata/identity/oauth2/token" => Reply::new(400),
            "/elsewhere/metadata/identity/oauth2/token" => Reply::new(404),
            "/busy/metadata/identity/oauth2/token" => Reply::new(429).with_header("Retry-After", "3600"),
            "/secrets" => Reply::json("{}"),
            _ => Reply::new(404),
        }
    })
    .await
}

fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AZURE_AUTHORITY_HOST", server.url())
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_TOKEN_CREDENTIALS", "prod")
        .with("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url())
}

fn app(server: &Server) -> Settings {
    settings(server)
        .with("AZURE_TENANT_ID", "tenant.example")
        .with("AZURE_CLIENT_ID", "client")
}

async fn ask(azure: &Azure, server: &Server) -> Result<(), VaultError> {
    let (run, of_run) = (RunContext::new(), RunLogins::default());
    let vault = azure.vault(&server.url()).unwrap();
    let url = vault.at(["secrets"])?;
    for _ in 0..2 {
        let answer = azure.get(&vault, &url, &run, &of_run).await?;
        assert_eq!(answer.status(), 200);
    }
    Ok(())
}

fn tokens(seen: &[Seen]) -> Vec<&str> {
    let sent = seen.iter().filter_map(|seen| seen.header("authorization"));
    sent.map(|text| text.strip_prefix("Bearer ").unwrap())
        .collect()
}

/// Reads in two runs and hands back the token that was sent and how many logins there were.
async fn used(settings: &Settings, server: &Server) -> (String, usize) {
    let azure = Azure::from_settings(settings).unwrap();
    server.forget();
    for _ in 0..2 {
        ask(&azure, server).await.unwrap();
    }
    let seen = server.seen();
    let tokens = tokens(&seen);
    assert!(tokens.len() == 4 && tokens.iter().all(|token| *token == tokens[0]));
    (tokens[0].to_owned(), seen.len() - tokens.len())
}

async fn refused(settings: &Settings, server: &Server) -> VaultError {
    let azure = Azure::from_settings(settings).unwrap();
    let error = ask(&azure, server).await.unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.hint());
    assert!(!told.contains(SENTINEL), "{told}");
    error
}

struct Folder(TempDir);

impl Folder {
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn folder() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

#[tokio::test]
async fn each_source_gives_a_token_once_for_two_runs() {
    let (server, folder) = (serve().await, folder());
    let pod = folder.file("token", "pod\n");
    let pem = folder.file("app.pem", &super::test_assertion::pem());
    let (app, near) = (app(&server), settings(&server));
    let service = near
        .clone()
        .with("IDENTITY_ENDPOINT", format!("{}/app/token", server.url()))
        .with("IDENTITY_HEADER", "h");
    for (settings, token) in [
        (app.clone().with("AZURE_CLIENT_SECRET", "s+"), "secret"),
        (
            app.clone().with("AZURE_CLIENT_CERTIFICATE_PATH", &*pem),
            "certificate",
        ),
        (
            app.clone().with("AZURE_FEDERATED_TOKEN_FILE", &*pod),
            "federated",
        ),
        (service.clone(), "service"),
        (service.with("AZURE_CLIENT_ID", "mine"), "service"),
        (near.clone(), "machine"),
        (near.with("AZURE_CLIENT_ID", "mine"), "machine"),
    ] {
        assert_eq!(used(&settings, &server).await, (token.to_owned(), 1));
    }
}

#[tokio::test]
async fn the_first_source_that_is_set_up_and_counts_is_used() {
    let (server, folder) = (serve().await, folder());
    let all = app(&server)
        .with("AZURE_CLIENT_SECRET", "s+")
        .with("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere")
        .with("AZURE_FEDERATED_TOKEN_FILE", folder.file("token", "pod"))
        .with("IDENTITY_ENDPOINT", format!("{}/app/token", server.url()))
        .with("IDENTITY_HEADER", "h");
    for (word, token) in [
        ("prod", "secret"),
        ("", "secret"),
        ("EnvironmentCredential", "secret"),
        ("workloadidentitycredential", "federated"),
        ("ManagedIdentityCredential", "service"),
    ] {
        let settings = all.clone().with("AZURE_TOKEN_CREDENTIALS", word);
        assert_eq!(used(&settings, &server).await.0, token, "{word}");
    }
    // One that does not work is not left out for the next.
    let wrong = all.with("AZURE_CLIENT_SECRET", "wrong");
    let error = refused(&wrong, &server).await;
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    assert_eq!(
        error.hint(),
        Some(
            "check AZURE_CLIENT_SECRET: it is the value of a secret of the application, not its id"
        )
    );
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_told_apart_from_a_secret() {
    let folder = folder();
    let pem = folder.file("app.pem", &super::test_assertion::pem());
    let body = json!({"error": "invalid_client", "error_codes": [700_027]}).to_string();
    let server = Server::start(move |_| Reply::json(body.clone()).with_status(401)).await;
    let settings = app(&server).with("AZURE_CLIENT_CERTIFICATE_PATH", pem);
    let error = refused(&settings, &server).await;
    let hint = "the certificate of AZURE_CLIENT_CERTIFICATE_PATH must be one of the application's, and the clock of this machine must be right";
    assert_eq!(error.hint(), Some(hint));
}

#[tokio::test]
async fn the_token_of_a_pod_is_read_for_each_login() {
    let (server, folder) = (serve().await, folder());
    let path = folder.file("token", "old");
    let settings = app(&server).with("AZURE_FEDERATED_TOKEN_FILE", path);
    let azure = Azure::from_settings(&settings).unwrap();
    let error = ask(&azure, &server).await.unwrap_err();
    let hint = "the application must trust the issuer, the namespace and the name of the pod's service account";
    assert_eq!(error.hint(), Some(hint));
    folder.file("token", "pod");
    ask(&azure, &server).await.unwrap();
    let missing = app(&server).with("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file");
    let error = refused(&missing, &server).await;
    assert_eq!(error.to_string(), "there is no file `/no/such/file`");
}

#[tokio::test]
async fn a_refused_application_is_told_what_to_look_at() {
    for (codes, hint) in [
        (
            json!([90_002]),
            "check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST if the tenant is of another cloud",
        ),
        (
            json!([700_016]),
            "check AZURE_CLIENT_ID, which is the id of an application, and AZURE_TENANT_ID",
        ),
        (
            json!([7_000_222]),
            "the secret of the application has ended: make a new one",
        ),
        (
            json!([]),
            "check AZURE_CLIENT_SECRET: it is the value of a secret of the application, not its id",
        ),
    ] {
        let body =
            json!({"error": "invalid_client", "error_description": SENTINEL, "error_codes": codes});
        let server = Server::start(move |_| Reply::json(body.to_string()).with_status(400)).await;
        let settings = app(&server).with("AZURE_CLIENT_SECRET", "s");
        let error = refused(&settings, &server).await;
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        let told = "the login of the application `client` in the tenant `tenant.example` is not accepted (HTTP 400)";
        assert_eq!(
            (error.to_string().as_str(), error.hint()),
            (told, Some(hint))
        );
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_machine_without_an_identity_has_no_login() {
    let server = serve().await;
    let at = |path: &str| {
        let url = format!("{}{path}", server.url());
        settings(&server).with("AZURE_POD_IDENTITY_AUTHORITY_HOST", url)
    };
    let closed = settings(&server).with("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
    for settings in [at("/none"), at("/elsewhere"), closed] {
        let error = refused(&settings, &server).await;
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(error.to_string(), "there is no login to Azure");
        assert!(error.hint().is_some_and(|hint| hint.contains("`az login`")));
    }
    let error = refused(&at("/busy"), &server).await;
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
    let service = settings(&server)
        .with("IDENTITY_ENDPOINT", format!("{}/app/token", server.url()))
        .with("IDENTITY_HEADER", "h");
    for settings in [at(""), service] {
        let error = refused(&settings.with("AZURE_CLIENT_ID", "no"), &server).await;
        let told = "there is no managed identity with the client id `no` here (HTTP 400)";
        assert_eq!(error.to_string(), told);
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    }
}

#[tokio::test]
async fn the_answer_of_a_login_must_hold_a_token() {
    for body in [
        "{}",
        "[]",
        "<html>",
        r#"{"access_token":""}"#,
        r#"{"access_token":null}"#,
        r#"{"access_token":7}"#,
    ] {
        let server = Server::start(move |_| Reply::json(body)).await;
        let settings = app(&server).with("AZURE_CLIENT_SECRET", "s");
        let error = refused(&settings, &server).await;
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{body}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn what_is_missing_or_wrong_in_the_settings_is_told() {
    let secret = || Settings::new().with("AZURE_CLIENT_SECRET", SENTINEL);
    let of = |name, value: &str| Settings::new().with(name, value);
    for (settings, told) in [
        (
            secret(),
            "`AZURE_TENANT_ID` is not set, and the login of an application needs it; `AZURE_CLIENT_ID` is not set, and the login of an application needs it",
        ),
        (
            secret()
                .with("AZURE_TENANT_ID", "../x")
                .with("AZURE_CLIENT_ID", "c"),
            "`AZURE_TENANT_ID` is neither the id of a tenant nor a domain",
        ),
        (
            of("AZURE_TENANT_ID", "--debug"),
            "`AZURE_TENANT_ID` is neither the id of a tenant nor a domain",
        ),
        (
            of("AZURE_TOKEN_CREDENTIALS", SENTINEL),
            "`AZURE_TOKEN_CREDENTIALS` is not a source of a login that is read here",
        ),
        (
            of("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"),
            "the login that `AZURE_TOKEN_CREDENTIALS` asks for is not set up",
        ),
        (
            of("IDENTITY_ENDPOINT", "http://127.0.0.1:40342/metadata"),
            "`IDENTITY_ENDPOINT` is set and `IDENTITY_HEADER` is not",
        ),
        (
            of("IDENTITY_ENDPOINT", "http://evil.example/token").with("IDENTITY_HEADER", "h"),
            "`IDENTITY_ENDPOINT` must be an https address, or one of this machine or its network",
        ),
        (
            of("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://evil.example"),
            "`AZURE_POD_IDENTITY_AUTHORITY_HOST` must be an https address, or one of this machine or its network",
        ),
        (
            of("AZURE_AUTHORITY_HOST", "http://login.example"),
            "`AZURE_AUTHORITY_HOST` is not the host of a service to log in at",
        ),
        (
            of("AZURE_AUTHORITY_HOST", "login.example/tenant"),
            "`AZURE_AUTHORITY_HOST` is not the host of a service to log in at",
        ),
    ] {
        let error = Azure::from_settings(&settings).err().unwrap();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), told);
        assert!(!format!("{error:?} {:?}", error.hint()).contains(SENTINEL));
    }
    let near = of("IDENTITY_ENDPOINT", "http://169.254.131.2:8081/msi/token");
    assert!(Azure::from_settings(&near.with("IDENTITY_HEADER", "h")).is_ok());
    assert!(Azure::from_settings(&of("AZURE_AUTHORITY_HOST", "login.microsoftonline.us")).is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn the_azure_cli_is_asked_as_by_its_own_libraries() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder();
    let program = |name: &str, script: &str| {
        let path = PathBuf::from(folder.file(name, &format!("#!/bin/sh\n{script}\n")));
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&path, mode).unwrap();
        path
    };
    let said = folder.0.path().join("said");
    let good = program(
        "az",
        &format!(
            r#"echo "$PWD $AZURE_CONFIG_DIR $*" >{}; echo '{{"accessToken":"from az","expiresOn":"2099-01-01 00:00:00.000000","expires_on":4070908800,"tokenType":"Bearer"}}'"#,
            said.display()
        ),
    );
    let ask = async |program: PathBuf, tenant: Option<&str>| {
        let mut tool = CommandLine::azure(Some("/azure".into()), tenant.map(str::to_owned));
        tool.program = program;
        tool.log_in("https://vault.azure.net", &RunContext::new())
            .await
    };
    let token = ask(good.clone(), None).await.unwrap().unwrap();
    assert_eq!(token.expose(), "from az");
    let asked =
        "/ /azure account get-access-token --output json --resource https://vault.azure.net";
    assert_eq!(fs::read_to_string(&said).unwrap().trim(), asked);
    ask(good, Some("t")).await.unwrap();
    let asked = format!("{asked} --tenant t");
    assert_eq!(fs::read_to_string(&said).unwrap().trim(), asked);

    let other = program(
        "azd",
        &format!(
            r#"echo "$PWD $*" >{}; echo '{{"token":"from azd","expiresOn":"2099-01-01T00:00:00Z"}}'"#,
            said.display()
        ),
    );
    for (tenant, more) in [(None, ""), (Some("t"), " --tenant-id t")] {
        let mut tool = CommandLine::developers(tenant.map(str::to_owned));
        tool.program.clone_from(&other);
        let run = RunContext::new();
        let token = tool.log_in("https://vault.azure.net", &run).await;
        assert_eq!(token.unwrap().unwrap().expose(), "from azd");
        let asked =
            "/ auth token --output json --no-prompt --scope https://vault.azure.net/.default";
        assert_eq!(
            fs::read_to_string(&said).unwrap().trim(),
            format!("{asked}{more}")
        );
    }
    let mut tool = CommandLine::developers(None);
    tool.program = program("no-azd", "exit 1");
    let run = RunContext::new();
    let refused = tool.log_in("https://vault.azure.net", &run);
    let hint = "log in with `azd auth login`; what it writes is not shown";
    assert_eq!(refused.await.err().unwrap().hint(), Some(hint));

    let nowhere = ask("/no/such/program".into(), None).await;
    assert!(nowhere.unwrap().is_none());
    for (script, kind, told) in [
        (
            format!("echo {SENTINEL} >&2; exit 1"),
            VaultErrorKind::Unauthenticated,
            "`az` gives no token for `https://vault.azure.net`",
        ),
        (
            format!("echo {SENTINEL}"),
            VaultErrorKind::InvalidAnswer,
            "what `az` prints is not JSON with a token",
        ),
    ] {
        let error = ask(program("bad", &script), None).await.err().unwrap();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, told));
        assert!(!format!("{error:?}").contains(SENTINEL));
        let hint = "log in with `az login`; what it writes is not shown";
        let is_login = kind == VaultErrorKind::Unauthenticated;
        assert_eq!(error.hint(), is_login.then_some(hint));
    }
}
