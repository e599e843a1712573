//! No failure shows a token, an answer, or the rest of an address.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn no_failure_shows_a_secret() {
    let page = format!("<html>{SENTINEL}</html>");
    let faults = [
        answer(200),
        Fault::Answer(Reply::new(200).with_body(page)),
        Fault::Answer(Reply::json(format!("\"{SENTINEL}\"").repeat(99))),
        answer(302),
        answer(400),
        answer(401),
        answer(403),
        answer(404),
        answer(429),
        answer(503),
        Fault::Answer(
            Reply::new(302).with_header("Location", &format!("http://{SENTINEL}.invalid")),
        ),
        Fault::Answer(Reply::new(307).with_header("Location", &format!("/{SENTINEL}"))),
        Fault::Answer(Reply::new(429).with_header("Retry-After", SENTINEL)),
        Fault::Truncate,
        Fault::CutOff,
        Fault::Drop,
        Fault::Silence,
    ];
    let settings = HttpSettings::new("Test Vault")
        .with_answer_limit(1000)
        .with_try_timeout(Duration::from_millis(300));
    let client = Client::new(settings).unwrap();
    for fault in faults {
        let body = format!("[\"{SENTINEL}\",\"{SENTINEL}\"]");
        let server = Server::start(move |_| Reply::json(body.clone())).await;
        server.fail_always(fault.clone());
        let mut with_login = url(&server, &format!("/{SENTINEL}?q={SENTINEL}#{SENTINEL}"));
        with_login.set_username(SENTINEL).unwrap();
        with_login.set_password(Some(SENTINEL)).unwrap();

        let request = client
            .get(with_login)
            .bearer(TOKEN)
            .body("text/plain", SENTINEL);
        let before = format!("{client:?} {request:?}");
        let run = RunContext::default();
        let sent = request.send(&run, &Retry::default().with_more(1)).await;
        let shown = format!("{sent:?}");
        let error = match sent {
            Ok(answer) => {
                let wrong = answer.json::<Vec<u8>>().unwrap_err();
                format!("{wrong} {wrong:?} {:?}", answer.error())
            }
            Err(error) => format!(
                "{error} {error:?} {:?}",
                std::error::Error::source(&error).is_some()
            ),
        };
        for text in [before, shown, error] {
            assert!(!text.contains(SENTINEL), "{fault:?}: {text}");
        }
        assert!(!server.seen().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_with_a_line_break_is_refused_unseen() {
    for token in [
        format!("{TOKEN}\n"),
        format!("a\r\nX: {TOKEN}"),
        format!("{TOKEN}\0"),
    ] {
        let server = server().await;
        let client = client();
        let request = client.get(url(&server, "/")).bearer(&token);
        let error = request
            .send(&RunContext::default(), &Retry::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let message = "the value for the header `authorization` contains a character that a header cannot have";
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains(SENTINEL));
        assert_eq!(server.seen().len(), 0);
    }
}
