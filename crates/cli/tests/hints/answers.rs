//! A server that says what a row lets it say.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Lines of `TARGET STATUS BODY`; `TARGET&TEXT` is for requests that hold the text. The first that
/// fits is what is answered, and `404 {"errors":[]}` if none does. `{port}` is its own; a status such
/// as `200~` comes after a second and a half.
pub(crate) struct Answers {
    port: u16,
}

impl Answers {
    pub(crate) fn start(lines: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let lines: Arc<str> = lines.replace("{port}", &port.to_string()).into();
        // Both live as long as the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let lines = lines.clone();
                thread::spawn(move || answer(stream, &lines));
            }
        });
        Answers { port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The first byte of a client that expects TLS.
const TLS_HANDSHAKE: u8 = 22;

fn answer(mut stream: TcpStream, lines: &str) -> Option<()> {
    let mut request = Vec::new();
    let (mut buffer, mut wanted) = ([0; 4096], None);
    while wanted.is_none_or(|wanted| request.len() < wanted) {
        let length = stream.read(&mut buffer).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&buffer[..length]);
        if request[0] == TLS_HANDSHAKE {
            return stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").ok();
        }
        let text = String::from_utf8_lossy(&request);
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_ascii_lowercase();
            let body = head
                .split_once("content-length: ")
                .and_then(|(_, rest)| rest.lines().next()?.parse::<usize>().ok());
            wanted = Some(end + 4 + body.unwrap_or(0));
        }
    }
    let request = String::from_utf8_lossy(&request);
    let target = request.split(' ').nth(1)?;
    let found = lines.lines().find_map(|line| {
        let (place, answer) = line.split_once(' ')?;
        let (place, text) = place.split_once('&').unwrap_or((place, ""));
        let path = target.split('?').next()?;
        (place == target || place == path)
            .then_some(answer)
            .filter(|_| request.contains(text))
    });
    let found = found.unwrap_or(r#"404 {"errors":[]}"#);
    let (status, body) = found.split_once(' ').unwrap_or((found, ""));
    let status = match status.strip_suffix('~') {
        Some(status) => {
            thread::sleep(Duration::from_millis(1500));
            status
        }
        None => status,
    };
    let more = match status {
        "301" | "302" | "307" | "308" => format!("location: {body}\r\n"),
        _ => "content-type: application/json\r\n".to_owned(),
    };
    let body = if more.starts_with("location") {
        ""
    } else {
        body
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .ok()
}
