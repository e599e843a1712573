//! Reads secrets, and finds out their ids where they are not known by name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::client::Client;
use super::directory::Directory;
use super::model::{Contents, GroupList, Listed, Named, Page, Sent};
use super::path::{Folder, Group};
use crate::shared::RunTokens;
use crate::sync::lock;
use crate::transport::http::Answer;
use crate::{RunContext, VaultError, VaultErrorKind};

/// As many as the API gives at once.
const PAGE: usize = 1000;

const ROLE: &str =
    "the login needs the role SecretsReader, for the instance or for the group of the secret";

/// A secret that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) folder: Folder,
    pub(super) name: String,
    /// `None` for the current one.
    pub(super) version: Option<String>,
}

type Listing = Result<Arc<Directory>, VaultError>;

/// What a run finds out once.
#[derive(Default)]
pub(super) struct Known {
    login: RunTokens,
    groups: OnceCell<Listing>,
    folders: Mutex<BTreeMap<Folder, Arc<OnceCell<Listing>>>>,
}

/// The reads of a run.
pub(super) struct Reader<'r> {
    pub(super) client: &'r Client,
    pub(super) run: &'r RunContext,
    pub(super) known: &'r Known,
}

impl Item {
    /// Whether one request can find it. A version is behind the id of its secret, and a secret that
    /// is read may change: some have a new API key made for each read. So a name is not looked up
    /// that way where only the id is wanted.
    pub(super) fn is_found_by_name(&self) -> bool {
        let has_name = self.folder.of_type.has_names && !matches!(self.folder.group, Group::Id(_));
        has_name && self.version.is_none()
    }

    /// That there is no such secret.
    pub(super) fn missing(&self) -> VaultError {
        self.error(
            VaultErrorKind::NotFound,
            "there is no {} secret {} in the group {}",
        )
    }

    fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message)
            .with_name(self.folder.of_type.name)
            .with_name(&self.name)
            .with_name(self.folder.group.as_str())
    }
}

impl Reader<'_> {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`VaultErrorKind::NotFound`] if it, its version or its group is not there, or others if it
    /// cannot be read.
    pub(super) async fn contents(&self, item: &Item) -> Result<Contents, VaultError> {
        let Item {
            folder,
            name,
            version,
        } = item;
        let of_type = folder.of_type.name;
        let directory;
        let (parts, identity): (Vec<&str>, _) = if item.is_found_by_name() {
            let group = folder.group.as_str();
            let parts = [
                "secret_groups",
                group,
                "secret_types",
                of_type,
                "secrets",
                name,
            ];
            (parts.into(), ("name", name.as_str()))
        } else {
            directory = self.directory(folder).await?;
            let id = directory.id_of(name)?.ok_or_else(|| item.missing())?;
            match version {
                Some(version) => (vec!["secrets", id, "versions", version], ("secret_id", id)),
                None => (vec!["secrets", id], ("id", id)),
            }
        };
        let url = self.client.url(parts)?;
        let answer = self.client.get(&url, self.run, &self.known.login).await?;
        if identity.0 == "name" && self.client.is_refusal(&answer, 400) {
            return Err(self.unnamed(answer, item).await);
        }
        let answer = self.judge(answer, item)?;
        let sent = Sent(answer.json()?);
        let (field, text) = identity;
        if !sent.is(field, text) || !sent.is("secret_type", of_type) {
            // What is another secret's must not reach a manifest.
            let message = "{} answers with another secret than was asked for";
            return Err(self.client.wrong(message));
        }
        if let Some(version) = version.as_deref().filter(|_| sent.is_without_data()) {
            let message = "the {} secret {} in the group {} has no data in its version {} any more";
            let error = item.error(VaultErrorKind::NotFound, message);
            return Err(error.with_name(version));
        }
        sent.contents(folder.of_type).ok_or_else(|| {
            self.client
                .wrong("the answer of {} is not what a Secrets Manager gives")
        })
    }

    /// Why there is no answer to a name. The service refuses one that no secret can have, and such a
    /// secret is missing as any other is. It does not say that this is why, so the list does.
    async fn unnamed(&self, answer: Answer, item: &Item) -> VaultError {
        match self.directory(&item.folder).await {
            Ok(listed) if !listed.has_name(&item.name) => item.missing(),
            Err(error) if error.kind() == VaultErrorKind::NotFound => error,
            _ => answer.error(),
        }
    }

    /// The answer if it has the secret.
    fn judge(&self, answer: Answer, item: &Item) -> Result<Answer, VaultError> {
        let denied = || {
            let message = "the login may not read the {} secret {} in the group {}";
            let error = item.error(VaultErrorKind::PermissionDenied, message);
            error.with_hint(ROLE)
        };
        let Some(version) = &item.version else {
            return self.client.success(answer, denied, || item.missing());
        };
        if answer.status() == 400 {
            let message = "{} is not a version of the {} secret {} in the group {}";
            return Err(VaultError::new(VaultErrorKind::InvalidRequest, message)
                .with_name(version)
                .with_name(item.folder.of_type.name)
                .with_name(&item.name)
                .with_name(item.folder.group.as_str())
                .with_status(400)
                .with_hint("a version is current, previous or the id of one"));
        }
        let missing = || {
            let message = "the {} secret {} in the group {} has no version {}";
            let error = item.error(VaultErrorKind::NotFound, message);
            error.with_name(version)
        };
        self.client.success(answer, denied, missing)
    }

    /// The secrets of a type in a group; a run asks for them once.
    ///
    /// # Errors
    /// [`VaultErrorKind::NotFound`] if there is no such group, or others if they cannot be listed.
    pub(super) async fn directory(&self, folder: &Folder) -> Listing {
        let cell = Arc::clone(lock(&self.known.folders).entry(folder.clone()).or_default());
        let list = async || self.list(folder).await.map(Arc::new);
        cell.get_or_init(list).await.clone()
    }

    async fn list(&self, folder: &Folder) -> Result<Directory, VaultError> {
        let no_group = || {
            VaultError::new(VaultErrorKind::NotFound, "there is no secret group {}")
                .with_name(folder.group.as_str())
        };
        let groups;
        let id = match &folder.group {
            Group::Name(name) => {
                groups = self.groups().await?;
                let near = || no_group().with_candidates(groups.near(name, self.run));
                groups.id_of(name)?.ok_or_else(near)?
            }
            Group::Default | Group::Id(_) => folder.group.as_str(),
        };
        let directory = Directory::new(self.pages(folder, id, no_group).await?);
        if let (Group::Id(id), true) = (&folder.group, directory.is_empty()) {
            // A list of nothing does not say whether there is the group. Who may not see the groups
            // is not told.
            if self.groups().await.is_ok_and(|groups| !groups.has_id(id)) {
                return Err(no_group());
            }
        }
        Ok(directory)
    }

    async fn pages(
        &self,
        folder: &Folder,
        group: &str,
        no_group: impl Fn() -> VaultError,
    ) -> Result<Vec<Named>, VaultError> {
        let mut found = Vec::new();
        let mut offset = 0;
        loop {
            let mut url = self.client.url(["secrets"])?;
            url.query_pairs_mut()
                .append_pair("offset", &offset.to_string())
                .append_pair("limit", &PAGE.to_string())
                .append_pair("groups", group)
                .append_pair("secret_types", folder.of_type.name);
            let answer = self.client.get(&url, self.run, &self.known.login).await?;
            let denied = || {
                denied("the login may not list the secrets of the group {}")
                    .with_name(folder.group.as_str())
            };
            let answer = self.client.success(answer, denied, &no_group)?;
            let page: Page = answer.json()?;
            let count = page.secrets.len();
            offset += count;
            let is_wanted = |listed: &Listed| {
                let is_in = |id: &str| listed.secret_group_id.eq_ignore_ascii_case(id);
                listed.secret_type == folder.of_type.name
                    && (folder.group == Group::Default || is_in(group))
            };
            let wanted = page.secrets.into_iter().filter(is_wanted);
            found.extend(wanted.map(|Listed { id, name, .. }| Named { id, name }));
            if count == 0
                || page
                    .total_count
                    .map_or(count < PAGE, |total| offset >= total)
            {
                return Ok(found);
            }
        }
    }

    async fn groups(&self) -> Listing {
        let list = async || {
            let url = self.client.url(["secret_groups"])?;
            let answer = self.client.get(&url, self.run, &self.known.login).await?;
            let denied = || {
                denied("the login may not list the secret groups of {}")
                    .with_name(self.client.origin())
            };
            let missing = || self.client.wrong("{} has no secret groups");
            let answer = self.client.success(answer, denied, missing)?;
            let groups: GroupList = answer.json()?;
            Ok(Arc::new(Directory::new(groups.secret_groups)))
        };
        self.known.groups.get_or_init(list).await.clone()
    }
}

fn denied(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::PermissionDenied, message).with_hint(ROLE)
}
