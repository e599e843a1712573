//! How a workload on AWS shows Google who it is.

use serde_json::{Value, json};

use super::samples::field;
use super::test_login::{Home, asked, call, settings};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, SecretValue, Settings, VaultErrorKind};

const AUDIENCE: &str = "//iam.googleapis.com/x";
const SECRET: &str = "secret-sentinel-4c1f9e";
const VERIFY: &str =
    "https://sts.{region}.amazonaws.com?Version=2011-06-15&Action=GetCallerIdentity";

/// A server that is Google, and a machine of AWS in this zone.
async fn serve(zone: &'static str) -> Server {
    Server::start(move |seen| {
        let has_session = seen.header("x-aws-ec2-metadata-token") == Some("mt");
        match (seen.method.as_str(), seen.target.as_str()) {
            ("POST", "/sts") => {
                let granted = json!({"access_token": "token-of-sts", "expires_in": 3599});
                Reply::json(granted.to_string())
            }
            ("GET", "/v1/thing") => Reply::json("{}"),
            ("PUT", "/session") => Reply::new(200).with_body("mt"),
            ("GET", "/zone") if has_session => Reply::new(200).with_body(zone),
            ("GET", "/role") if has_session => Reply::new(200).with_body("reader\n"),
            ("GET", "/role/reader") if has_session => Reply::json(
                json!({"AccessKeyId": "MACHINE", "SecretAccessKey": SECRET, "Token": "tm"})
                    .to_string(),
            ),
            _ => Reply::new(403).with_body(SENTINEL),
        }
    })
    .await
}

/// Settings with credentials for this source.
fn with(server: &Server, home: &Home, source: &Value) -> Settings {
    let credentials = json!({"type": "external_account", "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request",
        "token_url": format!("{}/sts", server.url()), "credential_source": source});
    let path = home.file("c/c.json", &credentials.to_string());
    settings(server).with("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap())
}

/// A source as Google writes it, with the addresses of a machine or without.
fn source(server: &Server, of_machine: bool) -> Value {
    let mut source = json!({"environment_id": "aws1", "regional_cred_verification_url": VERIFY});
    if of_machine {
        let at = |path: &str| json!(format!("{}{path}", server.url()));
        source["region_url"] = at("/zone");
        source["url"] = at("/role");
        source["imdsv2_session_token_url"] = at("/session");
    }
    source
}

fn unescaped(text: &str) -> String {
    let url = format!("http://h/?t={text}");
    let url = crate::transport::http::Url::parse(&url).unwrap();
    url.query_pairs().next().unwrap().1.into_owned()
}

/// The request that Google was given, and its headers by name.
fn handed_on(seen: &Seen) -> (Value, Vec<(String, String)>) {
    let form = String::from_utf8(seen.body.clone()).unwrap();
    let kind = field(&form, "subject_token_type").unwrap();
    assert_eq!(
        unescaped(kind),
        "urn:ietf:params:aws:token-type:aws4_request"
    );
    let token = unescaped(&unescaped(field(&form, "subject_token").unwrap()));
    let request: Value = serde_json::from_str(&token).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = request["headers"].as_array().unwrap();
    let headers = headers
        .iter()
        .map(|one| (text(&one["key"]), text(&one["value"])));
    let headers = headers.collect();
    (request, headers)
}

#[tokio::test]
async fn a_request_that_aws_would_answer_is_handed_to_google() {
    let home = Home::new();
    let session = "PUT /session";
    let machine = [session, "GET /zone", "GET /role", "GET /role/reader"];
    for (name, of_machine, requests, key, token, region) in [
        ("settings", false, &[][..], "KEY", Some("ts"), "eu-west-1"),
        ("no token", false, &[], "KEY", None, "eu-west-1"),
        (
            "machine",
            true,
            &machine,
            "MACHINE",
            Some("tm"),
            "us-east-2",
        ),
        (
            "region",
            true,
            &[session, "GET /role", "GET /role/reader"],
            "MACHINE",
            Some("tm"),
            "eu-west-1",
        ),
        (
            "key",
            true,
            &[session, "GET /zone"],
            "KEY",
            Some("ts"),
            "us-east-2",
        ),
    ] {
        let server = serve("us-east-2b").await;
        let mut settings = with(&server, &home, &source(&server, of_machine));
        if key == "KEY" {
            settings = settings
                .with("AWS_ACCESS_KEY_ID", "KEY")
                .with("AWS_SECRET_ACCESS_KEY", SECRET)
                .with("AWS_SESSION_TOKEN", token.unwrap_or_default());
        }
        if region == "eu-west-1" {
            settings = settings.with("AWS_REGION", region);
        }
        let run = RunContext::new();
        assert_eq!(
            call(&home.gcp(&settings), &run).await.unwrap(),
            200,
            "{name}"
        );
        let all = asked(&server);
        let (before, after) = all.split_at(requests.len());
        assert_eq!(before, requests, "{name}");
        assert_eq!(after, ["POST /sts", "GET /v1/thing"], "{name}");
        let (request, headers) = handed_on(&server.seen()[requests.len()]);
        let url = request["url"].as_str().unwrap();
        let host = format!("sts.{region}.amazonaws.com");
        assert_eq!(request["method"], "POST");
        assert_eq!(
            url,
            format!("https://{host}?Version=2011-06-15&Action=GetCallerIdentity")
        );
        let of = |name: &str| {
            let found = headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(of("host"), Some(host.as_str()));
        assert_eq!(of("x-goog-cloud-target-resource"), Some(AUDIENCE));
        assert_eq!(of("x-amz-security-token"), token);
        let authorization = of("authorization").unwrap();
        assert!(
            authorization.contains(&format!("Credential={key}/")),
            "{name}"
        );
        assert!(
            authorization.contains(&format!("/{region}/sts/aws4_request")),
            "{name}"
        );
        let signed = match token {
            Some(_) => "host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource",
            None => "host;x-amz-date;x-goog-cloud-target-resource",
        };
        assert!(
            authorization.contains(&format!("SignedHeaders={signed},")),
            "{name}"
        );
        assert!(!request.to_string().contains(SECRET));
        assert!(run.is_login(&SecretValue::text(SECRET)));
    }
}

#[tokio::test]
async fn what_a_workload_on_aws_lacks_is_told() {
    let home = Home::new();
    let server = serve("nowhere").await;
    let (bare, machine) = (source(&server, false), source(&server, true));
    let key = [
        ("AWS_ACCESS_KEY_ID", "KEY"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let odd = [key[0], key[1], ("AWS_REGION", "x.evil")];
    let mut closed = machine.clone();
    closed["imdsv2_session_token_url"] = json!(format!("{}/closed", server.url()));
    let refused = format!("`{}` gives this workload no token (HTTP 403)", server.url());
    use VaultErrorKind as Kind;
    for (source, set, kind, message) in [
        (
            &bare,
            &[][..],
            Kind::Unauthenticated,
            "there are no AWS credentials",
        ),
        (
            &bare,
            &key,
            Kind::Unauthenticated,
            "there are no AWS credentials",
        ),
        (
            &bare,
            &key[..1],
            Kind::Configuration,
            "`AWS_ACCESS_KEY_ID` is set and `AWS_SECRET_ACCESS_KEY` is not",
        ),
        (
            &bare,
            &odd,
            Kind::Configuration,
            "`AWS_REGION` is not the name of a region",
        ),
        (
            &machine,
            &key,
            Kind::InvalidAnswer,
            "what the machine gives is not a zone of AWS",
        ),
        (&closed, &[], Kind::Unauthenticated, refused.as_str()),
    ] {
        let settings = set
            .iter()
            .fold(with(&server, &home, source), |settings, (name, value)| {
                settings.with(name, *value)
            });
        let error = call(&home.gcp(&settings), &RunContext::new()).await;
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (kind, message.to_owned())
        );
        assert!(!format!("{error:?} {:?}", error.hint()).contains(SENTINEL));
    }
    assert!(!asked(&server).contains(&"POST /sts".to_owned()));
}
