//! Files from hosts that the operator opened. They are fetched here, before a program starts, so that
//! no program ever needs to: it would follow redirects to anywhere.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use manifill_vault::RunContext;
use manifill_vault::transport::http::{Client, HttpSettings, Retry, Url};

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::remote::{self, RemoteHosts};

/// How many files an app may need from other hosts.
const MOST: usize = 100;

/// How many bytes they may have together.
const BYTES: usize = 64 << 20;

/// The files from other hosts of one run.
///
/// Whoever looks through a chart or kustomization is told of each that it needs, and looks again once
/// it is [downloaded](Remote::download), until it has all.
pub(crate) struct Remote<'h> {
    hosts: &'h RemoteHosts,
    files: BTreeMap<Url, Vec<u8>>,
    wanted: RefCell<BTreeSet<Url>>,
}

impl<'h> Remote<'h> {
    pub(crate) fn new(hosts: &'h RemoteHosts) -> Self {
        Remote {
            hosts,
            files: BTreeMap::new(),
            wanted: RefCell::default(),
        }
    }

    /// A file that `what` refers to, if its host is open; `None` if it has to be fetched first.
    pub(crate) fn file(
        &self,
        what: &str,
        reference: &str,
    ) -> Result<Option<&[u8]>, RenderingError> {
        let url = self.allowed(what, reference)?;
        let found = self.files.get(&url);
        if found.is_none() {
            self.wanted.borrow_mut().insert(url);
        }
        Ok(found.map(Vec::as_slice))
    }

    /// The address that `what` refers to, if its host is open.
    pub(crate) fn allowed(&self, what: &str, reference: &str) -> Result<Url, RenderingError> {
        let url = self.hosts.allowed(reference);
        url.ok_or_else(|| remote::refused(what, reference))
    }

    /// Fetches what was asked for, and tells whether that was anything.
    pub(crate) async fn download(&mut self, until: Instant) -> Result<bool, RenderingError> {
        let wanted = self.wanted.take();
        if wanted.is_empty() {
            return Ok(false);
        }
        let limit = |what: String| RenderingError::new(RenderingErrorKind::Limit, what);
        if self.files.len() + wanted.len() > MOST {
            return Err(limit(format!("more than {MOST} files are on other hosts")));
        }
        let failed = |url: &Url, why: &dyn std::fmt::Display| {
            let message = format!("cannot fetch {}: {why}", shown(url.as_str()));
            RenderingError::new(RenderingErrorKind::Remote, message)
        };
        let settings = HttpSettings::new("files of charts and kustomizations");
        let client = Client::new(settings.with_routed_addresses_only());
        let run = RunContext::new().with_timeout(until.saturating_duration_since(Instant::now()));
        for url in wanted {
            let client = client.as_ref().map_err(|error| failed(&url, error))?;
            let answer = client.get(url.clone()).send(&run, &Retry::default()).await;
            let answer = answer.map_err(|error| failed(&url, &error))?;
            if answer.status() != 200 {
                let status = format!("the answer is {}", answer.status());
                return Err(failed(&url, &status));
            }
            let before: usize = self.files.values().map(Vec::len).sum();
            if before + answer.body().len() > BYTES {
                return Err(limit(format!(
                    "files on other hosts have more than {BYTES} bytes"
                )));
            }
            self.files.insert(url, answer.body().to_vec());
        }
        Ok(true)
    }

    #[cfg(test)]
    pub(crate) fn with_file(mut self, url: &str, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(Url::parse(url).unwrap(), text.into());
        self
    }

    #[cfg(test)]
    pub(crate) fn wanted(&self) -> Vec<String> {
        self.wanted.borrow().iter().map(Url::to_string).collect()
    }
}

/// The name of a file in its address, fit for a folder.
pub(crate) fn file_name(reference: &str) -> String {
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().filter(|c| is_plain(*c)).collect();
    match name.trim_start_matches(['.', '-']) {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}
