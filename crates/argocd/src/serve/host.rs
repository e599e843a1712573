//! What a server does with each request beside answering it: turns, counts, log.

use std::sync::Arc;

use tonic::async_trait;

use super::log::{Field, Level, Log};
use super::metrics::{self, Metrics};
use crate::server::turns::Turns;
use crate::server::{ArchiveUse, Done, Hooks, Method, Turn};

/// How many remarks of one app are told.
const REMARKS: usize = 20;

/// What a server does with each request beside answering it.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) turns: Turns,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) log: Arc<Log>,
}

#[async_trait]
impl Hooks for Host {
    async fn turn(&self, project: &str) -> Turn {
        Turn::holding(self.turns.next(project).await)
    }

    fn done(&self, done: &Done<'_>) {
        self.metrics.count(done);
        let mut fields = vec![
            ("method", Field::Word(done.method.as_str())),
            ("mode", Field::Word(done.mode.as_str())),
        ];
        if let Some(app) = done.app {
            fields.push(("app", Field::Text(&app.name)));
            fields.push(("project", Field::Text(&app.project)));
        }
        if let Some(kind) = done.kind {
            fields.push(("kind", Field::Word(metrics::kind(Some(kind)))));
        }
        if let Some(archive) = done.archive {
            let archive = match archive {
                ArchiveUse::Unpacked => "unpacked",
                ArchiveUse::Shared => "shared",
            };
            fields.push(("archive", Field::Word(archive)));
        }
        fields.push(("requests", Field::Number(done.requests)));
        fields.push(("seconds", Field::Seconds(done.time)));
        match done.failure {
            Some((kind, _)) => {
                fields.push(("error", Field::Word(kind)));
                self.log.tell(Level::Warning, "failed", &fields);
            }
            // Argo CD asks for it before each app.
            None if done.method == Method::CheckPluginConfiguration => {
                self.log.tell(Level::Debug, "done", &fields);
            }
            None => self.log.tell(Level::Info, "done", &fields),
        }
        self.tell_details(done);
    }
}

impl Host {
    /// What holds paths of a repository or of a vault.
    fn tell_details(&self, done: &Done<'_>) {
        let app = done.app.map_or("", |app| app.name.as_str());
        if let Some((_, text)) = done.failure {
            let fields = [("app", Field::Text(app)), ("text", Field::Text(text))];
            self.log.tell(Level::Debug, "why it failed", &fields);
        }
        for remark in done.remarks.iter().take(REMARKS) {
            let fields = [("app", Field::Text(app)), ("text", Field::Text(remark))];
            self.log.tell(Level::Debug, "remark", &fields);
        }
    }
}
