//! From paths to items, with as few requests as there can be (rule R6).
//!
//! Each path says what it needs next: the list of vaults, the list of a vault's items, or an
//! item. All that is needed is asked for at once, and again, until no path needs anything. A
//! vault's items are listed only when nothing else can add a title to look for, so that one list
//! is enough for a run.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};

use super::client::Trouble;
use super::model::{Item, ItemId, is_gone};
use super::names::{Names, Pick};
use super::path::{ItemPath, is_id};
use super::shares::Reader;
use crate::shared::Found;
use crate::{VaultError, VaultErrorKind};

const ID_HINT: &str = "check the id of the item; archived items do not count";

/// What is known about vaults and items in one run.
pub(super) struct Lookup<'s> {
    reader: &'s Reader<'s>,
    /// Whether what has the shape of an id is nothing else, since rules have judged it so
    /// (rule R8).
    ids_only: bool,
    /// Whether the titles of a vault are listed whole even if one is looked for.
    all_titles: bool,
    vaults: Option<Result<Found<Names>, VaultError>>,
    titles: BTreeMap<String, Result<Found<Names>, Trouble>>,
    items: BTreeMap<ItemId, Result<Found<Item>, Trouble>>,
}

/// What a path needs next.
enum Step {
    Vaults,
    Titles { vault: String },
    Item(ItemId),
    Done(Result<ItemId, VaultError>),
}

/// A request.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Job {
    Vaults,
    Titles { vault: String, only: Option<String> },
    Item(ItemId),
}

/// Its answer.
enum Reply {
    Vaults(Result<Found<Names>, VaultError>),
    Titles(String, Result<Found<Names>, Trouble>),
    Item(ItemId, Result<Found<Item>, Trouble>),
}

impl<'s> Lookup<'s> {
    pub(super) fn new(reader: &'s Reader<'s>, ids_only: bool) -> Self {
        Lookup {
            reader,
            ids_only,
            all_titles: false,
            vaults: None,
            titles: BTreeMap::new(),
            items: BTreeMap::new(),
        }
    }

    /// Sets whether the titles of a vault are listed whole even if one is looked for: whoever looks
    /// around wants to see those that are near, and that is one request as well.
    pub(super) fn with_all_titles(mut self, all: bool) -> Self {
        self.all_titles = all;
        self
    }

    /// Finds and reads the items of these paths.
    pub(super) async fn find(&mut self, paths: &[ItemPath]) -> Vec<Result<ItemId, VaultError>> {
        let mut found: Vec<Option<Result<ItemId, VaultError>>> = vec![None; paths.len()];
        loop {
            let mut open = Vec::new();
            for (path, found) in paths
                .iter()
                .zip(&mut found)
                .filter(|(_, found)| found.is_none())
            {
                match self.step(path) {
                    Step::Done(result) => *found = Some(result),
                    step => open.push((path, step)),
                }
            }
            if open.is_empty() {
                return found.into_iter().flatten().collect();
            }
            self.run(jobs(&open, self.all_titles)).await;
        }
    }

    async fn run(&mut self, jobs: BTreeSet<Job>) {
        let reader = self.reader;
        for job in &jobs {
            self.forget(job);
        }
        let replies = stream::iter(jobs.into_iter().map(|job| job.run(reader)));
        let replies: Vec<Reply> = replies
            .buffer_unordered(reader.run().concurrency())
            .collect()
            .await;
        for reply in replies {
            match reply {
                Reply::Vaults(vaults) => self.vaults = Some(again(vaults, self.vaults.is_some())),
                Reply::Titles(vault, titles) => {
                    let titles = again(titles, self.titles.contains_key(&vault));
                    self.titles.insert(vault, titles);
                }
                Reply::Item(id, item) => {
                    let item = again(item, self.items.contains_key(&id));
                    self.items.insert(id, item);
                }
            }
        }
    }

    /// Sees that what this run knows already is read anew.
    fn forget(&self, job: &Job) {
        let Some(shares) = self.reader.shares else {
            return;
        };
        match job {
            Job::Vaults => {
                if let Some(Ok(old)) = &self.vaults {
                    shares.forget_vaults(old);
                }
            }
            Job::Titles { vault, .. } => {
                if let Some(Ok(old)) = self.titles.get(vault) {
                    shares.forget_titles(vault, old);
                }
            }
            Job::Item(id) => {
                if let Some(Ok(old)) = self.items.get(id) {
                    shares.forget_item(id, old);
                }
            }
        }
    }

    /// An item that [`find`](Lookup::find) found.
    pub(super) fn item(&self, id: &ItemId) -> Option<&Found<Item>> {
        self.items.get(id)?.as_ref().ok()
    }

    /// Reads items again that another run has read, since something is missing in them.
    pub(super) async fn renew(&mut self, ids: impl IntoIterator<Item = ItemId>) {
        self.run(ids.into_iter().map(Job::Item).collect()).await;
    }

    /// Reads items for this run alone.
    pub(super) async fn read_alone(&mut self, ids: impl IntoIterator<Item = ItemId>) {
        let reader = self.reader;
        let items = ids.into_iter().map(|id| async move {
            let item = reader.session.item(&id.vault, &id.item).await;
            (id, item.map(Found::own))
        });
        let items: Vec<_> = stream::iter(items)
            .buffer_unordered(reader.run().concurrency())
            .collect()
            .await;
        self.items.extend(items);
    }

    fn step(&self, path: &ItemPath) -> Step {
        let vault = match self.vault(path) {
            Some(Ok(vault)) => vault,
            Some(Err(error)) => return Step::Done(Err(error)),
            None => return Step::Vaults,
        };
        // What has the shape of an id is a title only if it is the id of nothing, and never where
        // rules allow ids.
        if is_id(&path.item) {
            let id = ItemId {
                vault: vault.clone(),
                item: path.item.clone(),
            };
            match self.items.get(&id) {
                None => return Step::Item(id),
                Some(Ok(item)) if is_gone_since(item) => return Step::Item(id),
                Some(Err(Trouble::Missing)) if !self.ids_only => {}
                Some(item) => return Step::Done(self.judge(path, id, item)),
            }
        }
        let titles = match self.titles.get(&vault) {
            None => return Step::Titles { vault },
            // A vault, too: if the server has none with this id, it may be a name.
            Some(Err(Trouble::Missing)) if self.vaults.is_none() && !self.ids_only => {
                return Step::Vaults;
            }
            Some(Err(_)) if self.is_named_by_old(path) => return Step::Vaults,
            Some(Err(trouble)) => return Step::Done(Err(self.no_vault(path, &vault, trouble))),
            Some(Ok(titles)) => titles,
        };
        match titles.pick(&path.item, path.reference) {
            Pick::None | Pick::Several(_) if titles.is_old => Step::Titles { vault },
            Pick::None => {
                let near = titles.near(&path.item, self.reader.run());
                Step::Done(Err(no_item(path)
                    .with_candidates(near)
                    .with_hint(if is_id(&path.item) {
                        // Nobody guesses at ids, so `manifill keys` has no more to say.
                        ID_HINT
                    } else if self.all_titles || !self.reader.run().may_compare(0) {
                        "check the title of the item; archived items do not count"
                    } else {
                        "check the title: `manifill keys` with this path names those that are close; archived items do not count"
                    })))
            }
            Pick::Several(ids) => Step::Done(Err(named(
                VaultErrorKind::Ambiguous,
                "several items are called {} in vault {}",
                path,
            )
            .with_candidates(ids)
            .with_hint("use the id of the item"))),
            Pick::One(item) => {
                let id = ItemId {
                    vault: vault.clone(),
                    item: item.to_owned(),
                };
                match self.items.get(&id) {
                    None => Step::Item(id),
                    Some(Ok(item)) if is_gone_since(item) => Step::Item(id),
                    // Another item may have the title by now.
                    Some(Err(Trouble::Missing)) if titles.is_old => Step::Titles { vault },
                    Some(item) => Step::Done(self.judge(path, id, item)),
                }
            }
        }
    }

    /// Whether the id of a path's vault comes from a list that another run has read.
    fn is_named_by_old(&self, path: &ItemPath) -> bool {
        let vaults = self.vaults.as_ref();
        let is_old = vaults.is_some_and(|vaults| vaults.as_ref().is_ok_and(|found| found.is_old));
        is_old && !is_id(&path.vault)
    }

    /// The id of a path's vault; `None` if the list of vaults is needed for it.
    fn vault(&self, path: &ItemPath) -> Option<Result<String, VaultError>> {
        if is_id(&path.vault) && (self.ids_only || !self.is_only_a_name(&path.vault)) {
            return Some(Ok(path.vault.clone()));
        }
        let vaults = match self.vaults.as_ref()? {
            Ok(vaults) => vaults,
            Err(error) => return Some(Err(error.clone())),
        };
        Some(match vaults.pick(&path.vault, path.reference) {
            Pick::None | Pick::Several(_) if vaults.is_old => return None,
            Pick::One(id) => Ok(id.to_owned()),
            Pick::None => {
                let near = vaults.near(&path.vault, self.reader.run());
                Err(not_covered(path).with_candidates(near).with_hint(GRANT))
            }
            Pick::Several(ids) => {
                let message = "several vaults are called {}";
                let error =
                    VaultError::new(VaultErrorKind::Ambiguous, message).with_name(&path.vault);
                Err(error
                    .with_candidates(ids)
                    .with_hint("use the id of the vault"))
            }
        })
    }

    /// Whether the vaults are known, and this text, shaped like an id, is the id of none of them
    /// but the name of one.
    fn is_only_a_name(&self, text: &str) -> bool {
        self.vaults.as_ref().is_some_and(|vaults| {
            vaults
                .as_ref()
                .is_ok_and(|vaults| !vaults.has_id(text) && vaults.pick(text, false) != Pick::None)
        })
    }

    fn judge(
        &self,
        path: &ItemPath,
        id: ItemId,
        item: &Result<Found<Item>, Trouble>,
    ) -> Result<ItemId, VaultError> {
        match item {
            Ok(item) if is_gone(item.state.as_deref()) => Err(named(
                VaultErrorKind::NotFound,
                "the item {} in vault {} is archived or deleted",
                path,
            )),
            Ok(_) => Ok(id),
            Err(Trouble::Missing) => {
                let error = no_item(path).with_hint(ID_HINT);
                Err(self.about_id(error, &path.item))
            }
            Err(trouble) => Err(self.no_vault(path, &id.vault, trouble)),
        }
    }

    fn no_vault(&self, path: &ItemPath, vault: &str, trouble: &Trouble) -> VaultError {
        match trouble {
            Trouble::Other(error) => error.clone(),
            Trouble::Missing | Trouble::NotCovered => {
                if self.reader.session.client.token().says_not_covered(vault) {
                    not_covered(path).with_hint("the token says that it is for other vaults; `op connect vault grant` gives its server one more, and then it takes a new token")
                } else {
                    self.about_id(not_covered(path).with_hint(GRANT), &path.vault)
                }
            }
        }
    }

    /// Says that a part was taken for an id and nothing else.
    fn about_id(&self, error: VaultError, part: &str) -> VaultError {
        if self.ids_only && is_id(part) {
            error.with_hint("while rules say which paths may be read, 26 lower-case letters and digits are an id and never a name")
        } else {
            error
        }
    }
}

/// The requests that these steps need now.
fn jobs(open: &[(&ItemPath, Step)], all_titles: bool) -> BTreeSet<Job> {
    let mut jobs = BTreeSet::new();
    let mut titles: BTreeMap<&str, Vec<&ItemPath>> = BTreeMap::new();
    for (path, step) in open {
        match step {
            Step::Vaults => drop(jobs.insert(Job::Vaults)),
            Step::Item(id) => drop(jobs.insert(Job::Item(id.clone()))),
            Step::Titles { vault } => titles.entry(vault).or_default().push(path),
            Step::Done(_) => {}
        }
    }
    // A name may turn out to be any vault's, and an id any title: then a list must wait.
    if jobs.contains(&Job::Vaults) {
        return jobs;
    }
    for (vault, paths) in titles {
        let waits = jobs
            .iter()
            .any(|job| matches!(job, Job::Item(id) if id.vault == vault));
        if !waits {
            jobs.insert(Job::Titles {
                vault: vault.to_owned(),
                only: only_title(&paths).filter(|_| !all_titles),
            });
        }
    }
    jobs
}

/// The title to ask the server for, if it is the only one and the server can be trusted with it:
/// filters have no reliable way to write quotes and backslashes, and servers need not ignore
/// letter case as references do.
fn only_title(paths: &[&ItemPath]) -> Option<String> {
    let (first, others) = paths.split_first()?;
    let plain = !first
        .item
        .contains(|c: char| "\"'\\".contains(c) || c.is_control());
    let alone = others.iter().all(|other| other.item == first.item);
    let exact = paths.iter().all(|path| !path.reference);
    (plain && alone && exact).then(|| first.item.clone())
}

impl Job {
    async fn run(self, reader: &Reader<'_>) -> Reply {
        match self {
            Job::Vaults => Reply::Vaults(reader.vaults().await),
            Job::Titles { vault, only } => {
                let titles = reader.titles(&vault, only.as_deref()).await;
                Reply::Titles(vault, titles)
            }
            Job::Item(id) => {
                let item = reader.item(&id).await;
                Reply::Item(id, item)
            }
        }
    }
}

/// What this run has read in the place of what it knew already.
fn again<V, E>(found: Result<Found<V>, E>, is_again: bool) -> Result<Found<V>, E> {
    found.map(|found| Found {
        is_old: found.is_old && !is_again,
        ..found
    })
}

/// Whether an item was archived when another run read it.
fn is_gone_since(item: &Found<Item>) -> bool {
    item.is_old && is_gone(item.state.as_deref())
}

/// What to do about a vault that the token may not see.
const GRANT: &str = "check the vault's name or id; `op connect vault grant` lets the server read a vault, and the token must be for it, too";

/// A vault that is not there and one that the token does not cover look the same, so neither
/// counts as not found: a default must not hide a lost permission.
pub(super) fn not_covered(path: &ItemPath) -> VaultError {
    VaultError::new(
        VaultErrorKind::PermissionDenied,
        "no such vault {}, or this token may not see it",
    )
    .with_name(&path.vault)
}

fn no_item(path: &ItemPath) -> VaultError {
    named(VaultErrorKind::NotFound, "no item {} in vault {}", path)
}

fn named(kind: VaultErrorKind, message: &'static str, path: &ItemPath) -> VaultError {
    VaultError::new(kind, message)
        .with_name(&path.item)
        .with_name(&path.vault)
}
