//! The one request, and what its answers mean.

use zeroize::Zeroizing;

use super::form::{Filled, Form};
use super::select::Selector;
use crate::transport::http::{self, Answer, HttpSettings, Retry};
use crate::{Exposed, Keys, RunContext, Secret, SecretValue, Settings, VaultError, VaultErrorKind};

/// A service and the form of requests to it.
pub(super) struct Client {
    http: http::Client,
    pub(super) form: Form,
    /// Where the values are in an answer.
    values: Selector,
}

/// What an answer holds for a path.
pub(super) struct Found(SecretValue);

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let http = HttpSettings::new("JSON").without_redirects();
        let http = match settings.path("MANIFILL_HTTP_CACERT") {
            Some(file) => http
                .with_ca_file(file)
                .map_err(|error| error.about_setting("MANIFILL_HTTP_CACERT")),
            None => Ok(http),
        };
        let wrong = || {
            VaultError::configuration("MANIFILL_HTTP_VALUES does not say where values are")
                .with_hint("write $.data, $.items[0] or $['a name']")
        };
        let values = match settings.value("MANIFILL_HTTP_VALUES") {
            Some(text) => Selector::parse(text).ok_or_else(wrong),
            None => Ok(Selector::default()),
        };
        let form = Form::from_settings(settings);
        let ((form, values), http) = VaultError::both(VaultError::both(form, values), http)?;
        Ok(Client {
            http: http::Client::new(http)?,
            form,
            values,
        })
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// If the path cannot be sent, the service does not allow it, or it cannot answer.
    pub(super) async fn read(&self, path: &str, run: &RunContext) -> Result<Found, VaultError> {
        let Filled { url, headers, body } = self.form.fill(path)?;
        let mut request = self.http.request(self.form.method.clone(), url);
        request = request.header("accept", "application/json");
        let logins = headers.iter().map(|(_, value)| value.as_str());
        let identity = Zeroizing::new(logins.collect::<Vec<_>>().join("\n"));
        if !headers.is_empty() {
            request = request.with_identity(&identity);
        }
        for (name, value) in &headers {
            // A token stands alone or behind the name of its kind.
            run.remember_login(value);
            if let Some((_, token)) = value.split_once(' ') {
                run.remember_login(token);
            }
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body("application/json", body.as_bytes());
        }
        let answer = request.send(run, &Retry::default()).await?;
        let answer = self.success(answer, path)?;
        let raw: &serde_json::value::RawValue = answer.json()?;
        let all = SecretValue::from_json(raw.get());
        let wrong = |message| VaultError::invalid_answer(message).with_name(self.form.origin());
        let all = all.ok_or_else(|| {
            wrong("the answer of {} is nested too deeply, or holds half of a character")
        })?;
        match self.values.select(&all) {
            Some(values) if !values.is_null() => Ok(Found(values.clone())),
            _ => Err(
                wrong("the answer of {} for {} has nothing where the values should be")
                    .with_name(path)
                    .with_hint("MANIFILL_HTTP_VALUES says where they are"),
            ),
        }
    }

    fn success(&self, answer: Answer, path: &str) -> Result<Answer, VaultError> {
        use VaultErrorKind::{InvalidAnswer, NotFound, PermissionDenied, Unauthenticated};
        let about = |kind, message| VaultError::new(kind, message).with_name(path);
        let of_server =
            |kind, message| VaultError::new(kind, message).with_name(self.form.origin());
        let error = match answer.status() {
            401 => of_server(Unauthenticated, "{} does not accept the login")
                .with_hint("check MANIFILL_HTTP_HEADERS, or whatever else has the login"),
            403 => about(PermissionDenied, "the login may not read {}"),
            404 | 410 if answer.json::<serde::de::IgnoredAny>().is_ok() => {
                about(NotFound, "there is nothing at {}")
            }
            // Taken for a missing secret, a wrong address would switch a default on.
            404 | 410 => of_server(InvalidAnswer, "{} has no JSON for this address")
                .with_hint("check MANIFILL_HTTP_URL"),
            _ => return answer.success(),
        };
        Err(error
            .with_status(answer.status())
            .with_tries(answer.tries()))
    }
}

impl Found {
    /// The answer for a request that wants these keys: names at the top, and ways that begin with `$`.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        const WHOLE: &str = "$";
        let (entries, mut secret) = match self.0.expose() {
            Exposed::Map(entries) => (entries, Secret::wanted_of(entries, keys)),
            _ => (&[][..], Secret::new().with_names([WHOLE])),
        };
        let is_map = matches!(self.0.expose(), Exposed::Map(_));
        match keys {
            Keys::All if !is_map => secret.insert(WHOLE, Ok(self.0.clone())),
            Keys::All => {}
            Keys::Names(names) => {
                let is_name = |name: &str| entries.iter().any(|(key, _)| key == name);
                for way in names
                    .iter()
                    .filter(|name| name.starts_with('$') && !is_name(name))
                {
                    match Selector::parse(way).map(|way| way.select(&self.0)) {
                        Some(Some(value)) => secret.insert(way, Ok(value.clone())),
                        Some(None) => {}
                        None => secret.insert(way, Err(no_way(way))),
                    }
                }
            }
        }
        secret
    }
}

fn no_way(key: &str) -> VaultError {
    let message = "the key {} begins with `$` and is not the way to a value";
    VaultError::new(VaultErrorKind::InvalidRequest, message)
        .with_name(key)
        .with_hint("write $.name, $['a name'] or $.items[0]; modifiers can do more")
}
