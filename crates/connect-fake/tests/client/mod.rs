//! The plainest client: a socket, and the bytes as they are.
#![allow(unreachable_pub, dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use manifill_connect_fake::{Data, Options, Server};
use serde_json::Value;

pub const PRODUCTION: &str = "/v1/vaults/prodvault000000000000000aa";
pub const LOGIN: &str = "/v1/vaults/prodvault000000000000000aa/items/loginitem0000000000000aaaa";
pub const DOCUMENT: &str = "/v1/vaults/prodvault000000000000000aa/items/documentitem00000000000aaa";

/// A server of the fixtures.
pub fn server(change: impl FnOnce(&mut Options)) -> Server {
    let mut options = Options {
        data: Data::fixtures(),
        ..Options::default()
    };
    change(&mut options);
    Server::start_blocking(options).unwrap()
}

pub struct Response {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The error body, after a look at its shape.
    pub fn message(&self) -> String {
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert_eq!(json.as_object().unwrap().len(), 2);
        json["message"].as_str().unwrap().to_owned()
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    token: Option<String>,
}

impl Client {
    pub fn new(server: &Server) -> Client {
        let address = server.url().strip_prefix("http://").unwrap();
        Client {
            stream: BufReader::new(TcpStream::connect(address).unwrap()),
            token: Some(format!("Bearer {}", server.token())),
        }
    }

    pub fn with_authorization(mut self, value: Option<&str>) -> Client {
        self.token = value.map(str::to_owned);
        self
    }

    pub fn get(&mut self, target: &str) -> Response {
        self.send("GET", target).unwrap()
    }

    pub fn send(&mut self, method: &str, target: &str) -> io::Result<Response> {
        let token = match &self.token {
            Some(token) => format!("Authorization: {token}\r\n"),
            None => String::new(),
        };
        let head =
            format!("{method} {target} HTTP/1.1\r\nHost: x\r\nUser-Agent: plain\r\n{token}\r\n");
        self.stream.get_mut().write_all(head.as_bytes())?;
        let status = self.line()?;
        let status = status
            .split(' ')
            .nth(1)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = status.parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response {
            status,
            headers,
            body,
        })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

/// One field of every element of a list.
pub fn column(list: &Value, key: &str) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|element| element[key].as_str().unwrap().to_owned())
        .collect()
}
