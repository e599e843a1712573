//! What a server does with each request beside answering it: turns, counts, log.

use std::sync::Arc;

use manifill::settings::{ServerSettings, Sources};
use tonic::async_trait;

use super::log::{Field, Level, Log};
use super::metrics::{self, Metrics};
use super::own_settings::OwnSettings;
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
    /// The server's own settings, as it started with them.
    pub(crate) own: Arc<ServerSettings>,
}

#[async_trait]
impl Hooks for Host {
    async fn turn(&self, project: &str) -> Turn {
        Turn::holding(self.turns.next(project).await)
    }

    fn settings_read(&self, settings: &Sources) {
        self.log.tell(
            Level::Info,
            "the Secret with the settings has been read",
            &[],
        );
        match OwnSettings::load(settings) {
            Ok(own) => {
                let names = own.written.different_from(&self.own).join(" ");
                if !names.is_empty() {
                    let fields = [("settings", Field::Text(&names))];
                    let message =
                        "these settings of the Secret count when this server starts again";
                    self.log.tell(Level::Warning, message, &fields);
                }
            }
            Err(error) => {
                for mistake in error.mistakes() {
                    let (text, place) = (mistake.to_string(), mistake.place().unwrap_or_default());
                    let fields = [("text", Field::Text(&text)), ("place", Field::Text(place))];
                    let message = "the settings are wrong, so this server would not start again";
                    self.log.tell(Level::Error, message, &fields);
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::log::Detail;
    use super::super::log::tests::Lines;
    use super::*;

    /// What is told of a Secret that comes late, to a server whose variables say how much it does at a
    /// time.
    fn told(secret: &[(&str, &str)]) -> Vec<String> {
        let out = Lines::default();
        let started = Sources::default().with_variable("MANIFILL_SERVER_PARALLEL", "3");
        let host = Host {
            turns: Turns::new(1),
            metrics: Arc::default(),
            log: Arc::new(Log::new(out.clone(), Detail::Usual)),
            own: Arc::new(ServerSettings::load(&started).0),
        };
        let data = secret
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = started;
        settings.secret = Some((
            "argocd:settings".to_owned(),
            data.collect::<BTreeMap<_, _>>(),
        ));
        host.settings_read(&settings);
        let lines = out.text();
        lines.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn what_a_late_secret_cannot_change_is_named_once() {
        let late = told(&[
            ("AVP_TYPE", "file"),
            ("MANIFILL_ARCHIVE_MEMORY", "0"),
            ("MANIFILL_REMOTE_HOSTS", "example.com"),
            // A variable wins.
            ("MANIFILL_SERVER_PARALLEL", "5"),
            // These are read for each app.
            ("MANIFILL_SHARE_READS", "0"),
            ("MANIFILL_MAX_REQUESTS_PER_MINUTE", "5"),
        ]);
        let [line] = &late[..] else {
            panic!("{late:?}")
        };
        assert!(
            line.contains("count when this server starts again"),
            "{line}"
        );
        let names = "\"MANIFILL_ARCHIVE_MEMORY MANIFILL_REMOTE_HOSTS\"";
        assert!(line.contains(names), "{line}");
        assert_eq!(told(&[("AVP_TYPE", "file")]), [""; 0]);
    }

    #[test]
    fn a_late_secret_with_which_a_server_would_not_start_is_told() {
        let late = told(&[
            ("MANIFILL_SERVER_MEMORY", "2Gi"),
            ("MANIFILL_REMOTE_HOSTS", "*"),
        ]);
        assert_eq!(late.len(), 2, "{late:?}");
        for (line, name) in late
            .iter()
            .zip(["MANIFILL_SERVER_MEMORY", "MANIFILL_REMOTE_HOSTS"])
        {
            assert!(line.contains("would not start again"), "{line}");
            assert!(line.contains(name), "{line}");
        }
    }
}
