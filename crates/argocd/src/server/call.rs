//! One request, from its stream to its answer.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use futures_util::FutureExt as _;
use manifill::RunContext;
use prost::Message;
use tonic::{Code, Request, Response, Status, Streaming};

use super::archives::ArchiveUse;
use super::author;
use super::deadline::Deadline;
use super::engine::MESSAGE_HINT;
use super::failure::Failure;
use super::hooks::{Done, Method, Turn};
use super::job::Job;
use super::messages::{
    AppStreamRequest, CheckPluginConfigurationResponse, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use super::plugin::PluginService;
use super::stream::{begin, receive};
use super::work::apart;
use crate::app::App;
use crate::rendering::SourceKind;

/// A request. Whatever becomes of it, the hooks hear of it.
pub(crate) struct Call {
    plugin: PluginService,
    method: Method,
    start: Instant,
    /// What it is about, for one whose time runs out.
    stage: &'static str,
    run: RunContext,
    app: Option<App>,
    archive: Option<ArchiveUse>,
    kind: Arc<OnceLock<SourceKind>>,
    remarks: Vec<String>,
    /// How it ended; `None` until then, so that is how it is if its client goes away.
    end: Option<Result<(), (&'static str, Status)>>,
}

impl Call {
    pub(crate) fn new(plugin: &PluginService, method: Method) -> Self {
        Call {
            plugin: plugin.clone(),
            method,
            start: Instant::now(),
            stage: "its archive was received",
            run: RunContext::new(),
            app: None,
            archive: None,
            kind: Arc::default(),
            remarks: Vec::new(),
            end: None,
        }
    }

    pub(crate) async fn generate(
        mut self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ManifestResponse>, Status> {
        let answer = self.work(request, |job| async move { job.generate().await });
        let answer = answer.await.map(|generated| {
            self.remarks = generated.remarks;
            ManifestResponse {
                manifests: vec![generated.text],
                source_type: String::new(),
            }
        });
        self.end(answer)
    }

    pub(crate) async fn matches(
        mut self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<RepositoryResponse>, Status> {
        let discovery = self.plugin.discovery();
        let answer = self.work(request, move |job| async move {
            Ok(RepositoryResponse {
                is_supported: job.matches(discovery)?,
                is_discovery_enabled: discovery.is_on(),
            })
        });
        let answer = answer.await;
        self.end(answer)
    }

    pub(crate) async fn announce(
        mut self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ParametersAnnouncementResponse>, Status> {
        let answer = self.work(request, |job| async move {
            Ok(ParametersAnnouncementResponse {
                parameter_announcements: job.announcements()?,
            })
        });
        let answer = answer.await;
        self.end(answer)
    }

    pub(crate) fn check(self) -> Result<Response<CheckPluginConfigurationResponse>, Status> {
        let answer = CheckPluginConfigurationResponse {
            is_discovery_configured: self.plugin.discovery().is_on(),
            provide_git_creds: false,
        };
        self.end(Ok(answer))
    }

    /// Waits for a turn, reads the stream, waits for the files, and does the work, all in the time that
    /// the client gives.
    async fn work<T, F>(
        &mut self,
        request: Request<Streaming<AppStreamRequest>>,
        work: impl FnOnce(Job) -> F + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>>,
    {
        let deadline = Deadline::new(request.metadata());
        let stream = request.into_inner();
        let work = self.work_until(deadline.work, stream, work);
        // What others make a request wait for may panic, too, and other requests of the connection
        // have nothing to do with it.
        let work = AssertUnwindSafe(work).catch_unwind();
        match tokio::time::timeout_at(deadline.answer.into(), work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Failure::fault()),
            Err(_) => Err(Failure::deadline(self.stage)),
        }
    }

    async fn work_until<T, F>(
        &mut self,
        until: Instant,
        mut stream: Streaming<AppStreamRequest>,
        work: impl FnOnce(Job) -> F + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>>,
    {
        let engine = Arc::clone(self.plugin.engine());
        let begun = begin(&mut stream).await;
        let mut turn = Turn::default();
        if let Ok(metadata) = &begun {
            let mut app = App::from_variables(&metadata.app_rel_path, author::variables(metadata));
            app.skips_crds = self.plugin.skips_crds();
            let app = self.app.insert(app);
            // An app that has no turn yet holds no memory that one of another project needs.
            self.stage = "it waited for its turn";
            turn = engine.hooks.turn(&app.project).await;
            self.stage = "its archive was received";
        }
        let received = receive(begun, stream, &engine.archives).await?;
        let (metadata, app) = (received.metadata, self.app.clone().unwrap_or_default());
        self.stage = "its archive was unpacked, or waited for memory";
        let (unpacked, how) = engine.archives.unpack(received.archive).await?;
        self.archive = Some(how);
        self.stage = "its manifests were made";
        let job = Job {
            engine,
            mode: self.plugin.mode(),
            metadata,
            tree: unpacked.tree.rooted_at(&app.root),
            app,
            _memory: unpacked,
            run: self.run.clone(),
            start: self.start,
            until,
            kind: Arc::clone(&self.kind),
        };
        apart(move || {
            let work = work(job);
            async move {
                let done = work.await;
                // Only now may others work; a client that goes away does not end this at once.
                drop(turn);
                done
            }
        })
        .await
    }

    fn end<T: Message>(mut self, answer: Result<T, Failure>) -> Result<Response<T>, Status> {
        let most = self.plugin.engine().message_sent();
        let answer = answer.and_then(|answer| match answer.encoded_len() {
            bytes if bytes > most => Err(too_large(bytes, most)),
            _ => Ok(answer),
        });
        let name = self.app.as_ref().map_or("", |app| &app.name);
        let answer = answer.map_err(|failure| (failure.kind, failure.status(name)));
        let end = answer.as_ref().map(drop).map_err(Clone::clone);
        self.end = Some(end);
        answer.map(Response::new).map_err(|(_, status)| status)
    }
}

fn too_large(bytes: usize, most: usize) -> Failure {
    let message = format!("the answer has {bytes} bytes, more than the {most} that Argo CD reads");
    Failure::new(
        Code::ResourceExhausted,
        "limit",
        message,
        Some(MESSAGE_HINT),
    )
}

impl Drop for Call {
    fn drop(&mut self) {
        let end = self.end.take().unwrap_or_else(|| {
            let failure = Failure::cancelled();
            Err((failure.kind, failure.status("")))
        });
        let failure = end.as_ref().err();
        self.plugin.engine().hooks.done(&Done {
            method: self.method,
            mode: self.plugin.mode(),
            time: self.start.elapsed(),
            app: self.app.as_ref(),
            archive: self.archive,
            kind: self.kind.get().copied(),
            requests: self.run.requests_sent(),
            remarks: &self.remarks,
            failure: failure.map(|(kind, status)| (*kind, status.message())),
        });
    }
}
