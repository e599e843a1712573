//! The configuration files of AWS: profiles and sessions.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::settings;
use crate::transport::text_file::{self, Unread};
use crate::{Settings, VaultError};

/// The properties of a section, by their names in lower case.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// What both files say.
#[derive(Default)]
pub(super) struct Profiles {
    pub(super) profiles: BTreeMap<String, Section>,
    pub(super) sessions: BTreeMap<String, Section>,
    /// The folder of the configuration, in which a program of it runs.
    pub(super) folder: PathBuf,
}

impl Profiles {
    /// Reads the files that settings name, else those of the home folder if they are there.
    pub(super) fn read(settings: &Settings, home: Option<&Path>) -> Result<Self, VaultError> {
        let mut all = Profiles::default();
        let files = [
            (settings::CONFIG_FILE.name, ".aws/config", true),
            (settings::CREDENTIALS_FILE.name, ".aws/credentials", false),
        ];
        for (name, default, is_config) in files {
            let set = settings.absolute_path(name);
            let is_set = set.is_some();
            let Some(path) = set.or_else(|| home.map(|home| home.join(default))) else {
                continue;
            };
            if is_config {
                all.folder = path.parent().unwrap_or(Path::new("/")).to_owned();
            }
            match text_file::read(&path) {
                Ok(text) => all.add(&text, is_config),
                // So people say that there is none.
                Err(Unread::Device) if path == Path::new("/dev/null") => {}
                // A file of the home folder need not be there, nor be this program's to read.
                Err(Unread::NotFound | Unread::Denied) if !is_set => {}
                Err(unread) => {
                    return Err(VaultError::configuration(unread.message())
                        .with_name(path.display().to_string())
                        .about_setting(name));
                }
            }
        }
        if all.folder.as_os_str().is_empty() {
            all.folder = PathBuf::from("/");
        }
        Ok(all)
    }

    /// Adds the sections of a file. In the file of access keys each is a profile.
    pub(super) fn add(&mut self, text: &str, is_config: bool) {
        let mut current: Option<&mut Section> = None;
        for line in text.lines() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(head) = trimmed.strip_prefix('[') {
                let head = head.split(']').next().unwrap_or_default().trim();
                let (kind, name) = head.split_once([' ', '\t']).unwrap_or((head, ""));
                let name = name.trim().to_owned();
                current = match (is_config, kind) {
                    (true, "profile") => Some(self.profiles.entry(name).or_default()),
                    (true, "sso-session") => Some(self.sessions.entry(name).or_default()),
                    (true, "default") | (false, _) => {
                        Some(self.profiles.entry(head.to_owned()).or_default())
                    }
                    _ => None,
                };
            } else if let Some((key, value)) = line.split_once('=') {
                // What is indented belongs to the property above, such as the settings of one service.
                if let Some(section) = current.as_mut().filter(|_| !line.starts_with([' ', '\t'])) {
                    let end = [" #", " ;", "\t#", "\t;"]
                        .into_iter()
                        .filter_map(|mark| value.find(mark));
                    let value = end.min().map_or(value, |end| &value[..end]);
                    let value = Zeroizing::new(value.trim().to_owned());
                    section.insert(key.trim().to_ascii_lowercase(), value);
                }
            }
        }
    }

    /// The region of a profile.
    pub(super) fn region(&self, name: &str) -> Option<&str> {
        value(self.profiles.get(name)?, "region")
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.profiles.contains_key(name)
    }
}

/// A value that is there and not empty.
pub(super) fn value<'s>(section: &'s Section, key: &str) -> Option<&'s str> {
    let value = section.get(key)?.as_str();
    Some(value).filter(|value| !value.is_empty())
}
