//! Signatures of requests (Signature Version 4).
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use aws_lc_rs::{digest, hmac};
use data_encoding::HEXLOWER;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::credentials::Credentials;
use crate::transport::http::Url;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A POST that is about to be signed.
pub(super) struct Unsigned<'a> {
    pub(super) url: &'a Url,
    /// The headers to sign besides those that the signature brings, in lower case.
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: &'a [u8],
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

impl Unsigned<'_> {
    /// The headers that sign it at this time, in seconds since 1970.
    pub(super) fn sign(&self, credentials: &Credentials, now: u64) -> Vec<(&'static str, String)> {
        let time = written(now);
        let date = time.split('T').next().unwrap_or_default();
        let host = host(self.url);
        let mut signed: Vec<(&str, &str)> = vec![("host", &host), ("x-amz-date", &time)];
        signed.extend(self.headers.iter().map(|(name, value)| (*name, *value)));
        if let Some(token) = &credentials.token {
            signed.push(("x-amz-security-token", token.as_str()));
        }
        signed.sort_unstable();
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines = signed
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()));
        let request = format!(
            "POST\n{}\n{}\n{}\n{names}\n{}",
            self.url.path().replace('%', "%25"),
            query(self.url),
            lines.collect::<String>(),
            hash(self.body),
        );
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{}", hash(request.as_bytes()));
        let key = Zeroizing::new(format!("AWS4{}", credentials.secret.as_str()));
        let parts = [date, self.region, self.service, "aws4_request"];
        let first = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let key = parts.into_iter().fold(first, |key, part| {
            let next = hmac::sign(&key, part.as_bytes());
            hmac::Key::new(hmac::HMAC_SHA256, next.as_ref())
        });
        let signature = HEXLOWER.encode(hmac::sign(&key, text.as_bytes()).as_ref());
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            credentials.key_id
        );
        let mut headers = vec![("authorization", authorization), ("x-amz-date", time)];
        if let Some(token) = &credentials.token {
            headers.push(("x-amz-security-token", token.to_string()));
        }
        headers
    }
}

/// The query in the order of its names. It is written with its escapes by whoever writes it.
fn query(url: &Url) -> String {
    let query = url.query().unwrap_or_default();
    let mut fields: Vec<&str> = query.split('&').filter(|field| !field.is_empty()).collect();
    fields.sort_unstable();
    fields.join("&")
}

/// The host as a client sends it.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// A time as signatures have it: `20150830T123600Z`.
fn written(now: u64) -> String {
    let now = i64::try_from(now).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = time.to_hms();
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the signature test suite that AWS gives out (`post-vanilla`, and
    /// `post-sts-header-before` for the token).
    #[test]
    fn the_vectors_of_aws_hold() {
        let credentials = |token: Option<&str>| Credentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned().into(),
            token: token.map(|token| token.to_owned().into()),
            expires: None,
        };
        let signature_of = |url: &str, credentials: &Credentials| {
            let url = Url::parse(url).unwrap();
            let unsigned = Unsigned {
                url: &url,
                headers: &[],
                body: b"",
                service: "service",
                region: "us-east-1",
            };
            let headers = unsigned.sign(credentials, 1_440_938_160);
            assert_eq!(headers[1].1, "20150830T123600Z");
            headers[0].1.rsplit_once('=').unwrap().1.to_owned()
        };
        let signature =
            |credentials: &Credentials| signature_of("https://example.amazonaws.com/", credentials);
        // `post-vanilla-query`.
        assert_eq!(
            signature_of(
                "https://example.amazonaws.com/?Param1=value1",
                &credentials(None)
            ),
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
        );
        assert_eq!(
            signature(&credentials(None)),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        assert_eq!(
            signature(&credentials(Some(token))),
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
        );
    }
}
