//! What is done with the files of an app.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use manifill::inputs::{self, Confines, FilesError, NO_MANIFEST, Selection};
use manifill::{DiagnosticKind, Door, Input, Options, RenderError, Renderer, RunContext};
use tonic::Code;

use super::archives::Unpacked;
use super::author;
use super::engine::{Engine, ROOM_HINT};
use super::failure::{DEADLINE_HINT, Failure};
use super::messages::{Metadata, ParameterAnnouncement};
use super::own_files::OwnFiles;
use super::room::Room;
use super::turns::Permit;
use crate::app::App;
use crate::discovery::Discovery;
use crate::mode::Mode;
use crate::rendering::{
    Parameters, Programs, SourceKind, announcements, kustomize_origins, render_helm,
    render_kustomize,
};
use crate::tree::Tree;

/// How long it may take to find out which files the objects of a kustomization come from.
const ORIGINS: Duration = Duration::from_secs(5);

/// An app to work on.
pub(crate) struct Job {
    pub(crate) engine: Arc<Engine>,
    pub(crate) mode: Mode,
    pub(crate) metadata: Metadata,
    pub(crate) app: App,
    /// The files of the repository, as far as they are there.
    pub(crate) tree: Tree,
    /// What they take of the memory.
    pub(crate) _memory: Arc<Unpacked>,
    pub(crate) run: RunContext,
    /// When the run began.
    pub(crate) start: Instant,
    /// When work ends.
    pub(crate) until: Instant,
    /// What the app is, once that is known.
    pub(crate) kind: Arc<OnceLock<SourceKind>>,
}

/// The manifests of an app, and what there is to say of them.
pub(crate) struct Generated {
    pub(crate) text: String,
    pub(crate) remarks: Vec<String>,
}

/// What the manifests of an app are made from.
struct Gathered {
    inputs: Vec<Input>,
    /// The right to more room than usual, if they need it.
    large: Option<Permit>,
}

impl Job {
    /// Makes the manifests, as `manifill generate --fail-on-empty` does of the app's folder, or of
    /// what Helm or kustomize print.
    pub(crate) async fn generate(&self) -> Result<Generated, Failure> {
        let kind = self.kind()?;
        let config = author::config(&self.engine, &self.metadata).await?;
        let until = Instant::now().checked_add(config.timeout);
        let until = until.map_or(self.until, |until| until.min(self.until));
        let mut remarks = config.notes.clone();
        let Gathered { inputs, mut large } = self.gather(kind, until, &mut remarks).await?;
        let options = Options::new().with_door(Door::Application);
        let (most, too_large) = self.engine.most_result();
        let renderer = Renderer::from_config(config).with_options(options);
        let renderer = renderer.with_room(most, too_large);
        let files = OwnFiles::new(&self.tree, &self.app.path);
        let time = until.saturating_duration_since(self.start);
        let mut run = self.run.clone().with_timeout(time).with_app_files(files);
        if until == self.until {
            run = run.with_timeout_hint(DEADLINE_HINT);
        }
        // Without a root, names would start from the folder that the server was started in.
        let run = run.with_roots([author::NOWHERE]);
        let rendered = if large.is_some() {
            renderer.render(&inputs, &run).await
        } else {
            let usual = Room::result(self.engine.room.usual);
            let more = async || large = Some(self.large().await);
            renderer.render_in_steps(&inputs, &run, usual, more).await
        };
        let rendered = match rendered {
            Ok(rendered) => rendered,
            Err(error) => {
                drop((inputs, large));
                return Err(self.located(error, kind, until).await.into());
            }
        };
        let warnings = rendered.warnings().iter();
        let warnings = warnings.map(|warning| warning.report().to_string());
        if rendered.stats().documents == 0 {
            let hint = "Argo CD would delete everything that the Application has; delete the Application if that is meant";
            return Err(Failure::input(NO_MANIFEST, Some(hint)).with_warnings(warnings));
        }
        remarks.extend(warnings);
        remarks.extend_from_slice(rendered.notes());
        Ok(Generated {
            text: rendered.joined().into_owned(),
            remarks,
        })
    }

    /// Whether this plugin is for the app.
    pub(crate) fn matches(&self, discovery: Discovery) -> Result<bool, Failure> {
        let (tree, folder) = (&self.tree, &self.app.path);
        Ok(match discovery {
            Discovery::Off => false,
            Discovery::Placeholders => {
                // Links may lead where they may when the app is rendered.
                let confines = Confines::of(tree, Path::new("/"), None);
                let shows = || inputs::discover_in(tree, Path::new(folder), &confines).is_some();
                self.mode.is_for(tree, folder)? && shows()
            }
            Discovery::Kind => self.mode.is_for(tree, folder)?,
        })
    }

    /// The parameters of the app. No secret is read for them: Argo CD does not say whose app it is.
    pub(crate) fn announcements(&self) -> Result<Vec<ParameterAnnouncement>, Failure> {
        let kind = self.kind()?;
        let known = announcements(&self.tree, &self.app, kind)?;
        let messages = known.into_iter().map(|known| ParameterAnnouncement {
            name: known.name.to_owned(),
            title: known.title.to_owned(),
            tooltip: known.tooltip.to_owned(),
            required: false,
            item_type: "string".to_owned(),
            collection_type: known.collection_type.to_owned(),
            string: known.string,
            array: known.array,
            map: known.map,
        });
        Ok(messages.collect())
    }

    fn kind(&self) -> Result<SourceKind, Failure> {
        let kind = self.mode.kind(&self.tree, &self.app.path)?;
        Ok(*self.kind.get_or_init(|| kind))
    }

    async fn gather(
        &self,
        kind: SourceKind,
        until: Instant,
        remarks: &mut Vec<String>,
    ) -> Result<Gathered, Failure> {
        let room = self.engine.room;
        let (usual, most) = (Room::inputs(room.usual), Room::inputs(room.large));
        if kind != SourceKind::Plain {
            let programs = self.programs()?;
            let _turn = self.program().await;
            let inputs = match kind {
                SourceKind::Helm => render_helm(&self.tree, &self.app, programs, until).await?,
                _ => render_kustomize(&self.tree, &self.app, programs, until).await?,
            };
            let weight: u64 = inputs.iter().map(|one| inputs::weight(&one.source)).sum();
            if weight > most {
                let message =
                    format!("what this app renders to takes {weight} bytes, more than {most}");
                return Err(too_large(&message));
            }
            // What has been printed has the program's room until it gets another one.
            let large = if weight > usual {
                Some(self.large().await)
            } else {
                None
            };
            return Ok(Gathered { inputs, large });
        }
        let parameters = Parameters::read(&self.app.parameters, kind)?;
        let selection = Selection::new([&self.app.path])
            .with_include(parameters.include)
            .with_exclude(parameters.exclude)
            .with_door(Door::Application)
            .with_confines(Confines::of(&self.tree, Path::new("/"), None))
            .with_deadline(until)
            .with_most(usual);
        let read = |selection: &Selection| inputs::read_from(&self.tree, selection, &[]);
        let (files, large) = match read(&selection) {
            Err(FilesError::TooMuch { .. }) => {
                let large = self.large().await;
                match read(&selection.clone().with_most(most)) {
                    Err(error @ FilesError::TooMuch { .. }) => {
                        return Err(too_large(&error.to_string()));
                    }
                    files => (files?, Some(large)),
                }
            }
            files => (files?, None),
        };
        remarks.extend(files.notes);
        Ok(Gathered {
            inputs: files.inputs,
            large,
        })
    }

    /// Waits for its turn to start a program.
    async fn program(&self) -> Permit {
        self.engine.program_turns.next(&self.app.project).await
    }

    /// Waits for its turn to have more room than usual. Whoever has it waits for nothing else that
    /// others have, so nothing waits in a circle.
    async fn large(&self) -> Permit {
        self.engine.large_turns.next(&self.app.project).await
    }

    /// An error with the files that its objects come from, where only kustomize knows them. It is asked
    /// about what an author can correct, and not while a vault is away and all apps fail.
    async fn located(&self, error: RenderError, kind: SourceKind, until: Instant) -> RenderError {
        let is_the_authors = |kind: DiagnosticKind| {
            use DiagnosticKind as Kind;
            !matches!(
                kind,
                Kind::Configuration
                    | Kind::Unauthenticated
                    | Kind::Unavailable
                    | Kind::InvalidAnswer
                    | Kind::RequestBudget
            )
        };
        if kind != SourceKind::Kustomize || !error.errors().any(|one| is_the_authors(one.kind)) {
            return error;
        }
        let Ok(programs) = self.programs() else {
            return error;
        };
        let _turn = self.program().await;
        // The error is what counts: who waits for it waits no longer than this.
        let until = until.min(Instant::now() + ORIGINS);
        match kustomize_origins(&self.tree, &self.app, programs, until).await {
            Ok(origins) => error.with_rendered_from(|place| {
                let file = origins.file(place.resource.as_deref()?)?;
                Some(file.to_owned())
            }),
            Err(_) => error,
        }
    }

    fn programs(&self) -> Result<&Programs, Failure> {
        self.engine.programs.as_ref().ok_or_else(|| {
            let message = "this needs Helm or kustomize, which this server does not have";
            let hint = "the operator of the server has to name the programs";
            Failure::new(Code::FailedPrecondition, "host", message, Some(hint))
        })
    }
}

/// An app has more than there is room for.
fn too_large(message: &str) -> Failure {
    Failure::new(Code::ResourceExhausted, "limit", message, Some(ROOM_HINT))
}
