//! A renderer: the backends, the rules and the options of many runs.

use std::time::Duration;

use manifill_vault::{Keys, RunContext, Secret, VaultBackend};

use crate::backends::Backends;
use crate::diagnostic::{Diagnostic, DiagnosticKind, RenderError};
use crate::digest_key::DigestKey;
use crate::fetch;
use crate::input::{Input, Options};
use crate::inspection::{Depth, Inspection};
use crate::plan::{Plan, Reads};
use crate::policy::{Purpose, Rules};
use crate::rendered::Rendered;
#[cfg(feature = "settings")]
use crate::settings::Config;

/// Renders manifests: plans, reads and fills.
///
/// It keeps backends, rules and options, and no secret: every run reads anew.
///
/// ```
/// use manifill::{Input, Renderer, RunContext};
/// use manifill::vault::backend::memory::Memory;
///
/// # futures_util::future::FutureExt::now_or_never(async {
/// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
/// let inputs = [Input::new("a.yaml", "kind: Secret # mine\nstringData: {u: <path:db#user>}\n")];
/// let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
/// assert_eq!(rendered.texts()[0], "kind: Secret # mine\nstringData: {u: \"svc\"}\n");
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use]
pub struct Renderer {
    backends: Backends,
    rules: Rules,
    options: Options,
    timeout: Duration,
    concurrency: usize,
    max_output: Option<u64>,
    room: Option<Room>,
    /// Whether the settings are those of an app of Argo CD.
    for_app: bool,
    digest_key: Option<DigestKey>,
}

/// How many bytes there is room for, and what to do about a result that is larger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) bytes: u64,
    pub(crate) hint: &'static str,
}

impl Renderer {
    /// A renderer that reads from these backends, without rules about paths.
    pub fn new(backends: Backends) -> Self {
        Renderer {
            backends,
            rules: Rules::default(),
            options: Options::default(),
            timeout: RunContext::DEFAULT_TIMEOUT,
            concurrency: RunContext::DEFAULT_CONCURRENCY,
            max_output: None,
            room: None,
            for_app: false,
            digest_key: None,
        }
    }

    /// A renderer with one backend; `kind` is its type, as in `AVP_TYPE`.
    pub fn with_backend(kind: &str, backend: impl VaultBackend) -> Self {
        Renderer::new(Backends::single(kind, std::sync::Arc::new(backend)))
    }

    /// A renderer as the settings say.
    #[cfg(feature = "settings")]
    pub fn from_config(config: Config) -> Self {
        Renderer {
            backends: config.backends,
            rules: config.rules,
            options: Options::default(),
            timeout: config.timeout,
            concurrency: config.concurrency,
            max_output: config.max_output,
            room: None,
            for_app: config.for_app,
            digest_key: config.digest_key,
        }
    }

    /// Sets how manifests are read.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets the rules about paths. Backends that are made from their settings then read a path as
    /// it is written or not at all; one that the program made itself has to be told so, as with
    /// `Vault::with_path_repair`.
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.backends = self.backends.bound_by(&rules);
        self.rules = rules;
        self
    }

    /// Sets the time one run may take; 45 s if nothing is said.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how many requests each backend may have under way; 10 if nothing is said.
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets how many bytes the texts of one run may hold together; 256 MiB or 16 times the inputs,
    /// whichever is more, if nothing is said (rule R11).
    ///
    /// ```
    /// use manifill::{Input, Renderer, RunContext};
    /// use manifill::vault::backend::memory::Memory;
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]))
    ///     .with_max_output(20);
    /// let inputs = [Input::new("a.yaml", "kind: A\nx: <path:db#user>\n")];
    /// let rendered = futures_util::future::FutureExt::now_or_never(renderer.render(&inputs, &RunContext::new()));
    /// let error = rendered.unwrap().unwrap_err();
    /// assert_eq!(error.to_string(), "a.yaml:1:1: the result is larger than 20 bytes");
    /// ```
    pub fn with_max_output(mut self, bytes: u64) -> Self {
        self.max_output = Some(bytes);
        self
    }

    /// Sets how many bytes there is room for where the texts go, and what to do about a result that is
    /// larger. It holds beside [`with_max_output`](Renderer::with_max_output).
    pub fn with_room(mut self, bytes: u64, hint: &'static str) -> Self {
        self.room = Some(Room { bytes, hint });
        self
    }

    /// Sets the key with which digests of values may be shown: the checksum of a workload with the
    /// annotation `manifill.dev/restart-on-change` then follows values, not versions.
    pub fn with_digest_key(mut self, key: DigestKey) -> Self {
        self.digest_key = Some(key);
        self
    }

    /// The same renderer, good for [plans](Renderer::plan) alone: its backends need no login and
    /// read nothing, and where none is described a backend called `?` stands for it.
    ///
    /// ```
    /// use manifill::{Backends, Input, Renderer};
    ///
    /// let renderer = Renderer::new(Backends::new()).for_plans();
    /// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
    /// let plan = renderer.plan(&inputs)?;
    /// assert_eq!(plan.reads().next().unwrap().backend, "?");
    /// # Ok::<(), manifill::RenderError>(())
    /// ```
    pub fn for_plans(mut self) -> Self {
        self.backends = self.backends.for_plans();
        self
    }

    /// The same renderer with backends that are not made yet, except for those that the program
    /// gave it.
    ///
    /// Connections belong to the async runtime they were opened on. A program with several
    /// runtimes gives each of them a renderer of its own.
    ///
    /// ```
    /// use manifill::{Input, Renderer, RunContext};
    /// use manifill::vault::backend::memory::Memory;
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
    /// let second = renderer.renewed();
    /// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
    /// let rendered = futures_util::future::FutureExt::now_or_never(second.render(&inputs, &RunContext::new()));
    /// assert_eq!(rendered.unwrap().unwrap().texts()[0], "kind: A\nuser: \"svc\"\n");
    /// ```
    pub fn renewed(&self) -> Self {
        Renderer {
            backends: self.backends.renewed(),
            rules: self.rules.clone(),
            options: self.options,
            timeout: self.timeout,
            concurrency: self.concurrency,
            max_output: self.max_output,
            room: self.room,
            for_app: self.for_app,
            digest_key: self.digest_key.clone(),
        }
    }

    /// The backends.
    pub fn backends(&self) -> &Backends {
        &self.backends
    }

    /// The rules about paths.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How manifests are read.
    pub fn options(&self) -> Options {
        self.options
    }

    /// The key for digests of values, if there is one.
    pub(crate) fn digest_key(&self) -> Option<&DigestKey> {
        self.digest_key.as_ref()
    }

    /// How many bytes a run may write, if that is set.
    pub(crate) fn max_output(&self) -> Option<u64> {
        self.max_output
    }

    /// How many bytes there is room for, if that is set.
    pub(crate) fn room(&self) -> Option<Room> {
        self.room
    }

    /// The run with this renderer's limits, where it has none of its own.
    pub fn limit(&self, context: &RunContext) -> RunContext {
        let run = context.with_default_limits(self.timeout, self.concurrency);
        #[cfg(feature = "shared")]
        let run = self.backends.limit(run);
        if self.rules.is_restricted() {
            run.without_suggestions()
        } else {
            run
        }
    }

    /// Plans the rendering of these inputs, without I/O. It may take the time of a run.
    ///
    /// # Errors
    /// Every mistake that shows without reading a secret.
    pub fn plan<'i>(&self, inputs: &'i [Input]) -> Result<Plan<'_, 'i>, RenderError> {
        let run = self.limit(&RunContext::new());
        Plan::new(self, inputs, self.options, &run).map_err(RenderError::of_plan)
    }

    /// Renders these inputs: [plans](Renderer::plan), [fetches](Plan::fetch) and
    /// [applies](crate::Answers::apply). It is the one way from manifests to filled manifests.
    ///
    /// The clock of the run is that of the context, and starts when that is made.
    ///
    /// # Errors
    /// Everything that is wrong with any document, and then no text at all.
    pub async fn render<'i>(
        &self,
        inputs: &'i [Input],
        context: &RunContext,
    ) -> Result<Rendered<'i>, RenderError> {
        let plan = Plan::new(self, inputs, self.options, &self.limit(context))?;
        plan.fetch(context).await.apply()
    }

    /// The same in two steps: with a result of at most so many bytes, and if it would be larger, once
    /// more when `more` has ended, which can wait for memory. Secrets are read once.
    ///
    /// ```
    /// use manifill::{Input, Renderer, RunContext};
    /// use manifill::vault::backend::memory::Memory;
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
    /// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
    /// let mut waited = false;
    /// let run = RunContext::new();
    /// let rendered = renderer.render_in_steps(&inputs, &run, 10, async || waited = true);
    /// let rendered = futures_util::future::FutureExt::now_or_never(rendered);
    /// assert_eq!(rendered.unwrap().unwrap().texts()[0], "kind: A\nuser: \"svc\"\n");
    /// assert!(waited);
    /// ```
    ///
    /// # Errors
    /// As [`render`](Renderer::render).
    pub async fn render_in_steps<'i>(
        &self,
        inputs: &'i [Input],
        context: &RunContext,
        bytes: u64,
        more: impl AsyncFnOnce(),
    ) -> Result<Rendered<'i>, RenderError> {
        let plan = Plan::new(self, inputs, self.options, &self.limit(context))?;
        let answers = plan.fetch(context).await;
        if let Some(applied) = answers.apply_within(bytes) {
            return applied;
        }
        more().await;
        answers.apply()
    }

    /// Looks at inputs without printing them: every document is parsed, and as the depth says the
    /// keys that are wanted are read, or filled in as well.
    ///
    /// ```
    /// use manifill::{Depth, Input, Renderer, RunContext};
    /// use manifill::vault::backend::memory::Memory;
    ///
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
    /// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
    /// let seen = renderer.inspect(&inputs, Depth::Exists, &RunContext::new()).await.unwrap();
    /// let found = seen.keys()[0].found.unwrap();
    /// assert_eq!(seen.keys()[0].key, "user");
    /// assert_eq!((found.type_name, found.size.as_str()), ("text", "1 to 16 bytes"));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with any document, as far as the depth goes.
    pub async fn inspect<'i>(
        &self,
        inputs: &'i [Input],
        depth: Depth,
        context: &RunContext,
    ) -> Result<Inspection<'i>, RenderError> {
        let options = self.options.with_every_document();
        let plan = Plan::new(self, inputs, options, &self.limit(context))?;
        let mut seen = Inspection {
            warnings: plan.warnings().to_vec(),
            notes: plan.notes().to_vec(),
            stats: plan.stats(),
            ..Inspection::default()
        };
        if depth == Depth::Offline {
            return Ok(seen);
        }
        let answers = plan.fetch(context).await;
        seen.keys = answers.keys();
        seen.notes.extend(answers.run().notes());
        seen.stats.requests = answers.run().requests_sent();
        if depth == Depth::Readable {
            let rendered = answers.apply()?;
            seen.warnings = rendered.warnings().to_vec();
            seen.rendered = Some(rendered);
        } else {
            answers.look()?;
        }
        Ok(seen)
    }

    /// Whether the settings are those of an app of Argo CD.
    pub(crate) fn is_for_app(&self) -> bool {
        self.for_app
    }

    /// Fills these inputs with mock values, without any vault: [plans](Renderer::plan), and puts in what
    /// stands for the results of the placeholders. Modifiers are checked and not run.
    ///
    /// A mock value is the same in every run and fits where it stands: a text of 32 characters, base64
    /// where only that is taken, a number in a field for numbers, a fixed certificate with its key in
    /// `tls.crt` and `tls.key`. Each object with one gets the annotation `manifill.dev/mock: "true"`,
    /// which `manifill_check::guard` refuses: it is for reviews, linters and dry runs.
    ///
    /// ```
    /// use manifill::{Backends, Input, Renderer};
    ///
    /// let renderer = Renderer::new(Backends::new()).for_plans();
    /// let inputs = [Input::new("a.yaml", "kind: A\nspec: {port: <path:db#port>}\n")];
    /// assert_eq!(
    ///     renderer.mock(&inputs)?.texts()[0],
    ///     "kind: A\nmetadata:\n  annotations:\n    manifill.dev/mock: \"true\"\nspec: {port: 1}\n"
    /// );
    /// # Ok::<(), manifill::RenderError>(())
    /// ```
    ///
    /// # Errors
    /// Every mistake that shows without a secret, an object that has no place for the annotation, and
    /// always where the settings are those of an app of Argo CD.
    pub fn mock<'i>(&self, inputs: &'i [Input]) -> Result<Rendered<'i>, RenderError> {
        if self.for_app {
            let message = "mock values are not for a cluster, and Argo CD applies what it is given";
            let mut error = Diagnostic::error(DiagnosticKind::Configuration, message.to_owned());
            error.hint = Some("render it without mock values".to_owned());
            return Err(RenderError::new(vec![error], 0));
        }
        let run = self.limit(&RunContext::new());
        let plan = Plan::new(self, inputs, self.options, &run)?;
        plan.mock(run).apply()
    }

    /// The names of the keys at a path, as a placeholder spells it (`name!path` where backends
    /// have names); never their values.
    ///
    /// # Errors
    /// What is wrong with the path, or why it cannot be read.
    pub async fn keys(&self, path: &str, context: &RunContext) -> Result<Vec<String>, RenderError> {
        // A whole placeholder, or one without its brackets.
        if path.contains(['#', '<']) || path.starts_with("path:") {
            let mut error = Diagnostic::error(
                DiagnosticKind::Path,
                format!("`{path}` is more than a path"),
            );
            error.hint =
                Some("only the path is wanted, without `<path:`, `#KEY` and `>`".to_owned());
            return Err(RenderError::new(vec![error], 0));
        }
        let purpose = Purpose::Names;
        let secret = self.read_for(purpose, path, Keys::All, context).await?;
        Ok(secret.names().map(str::to_owned).collect())
    }

    /// What is at a path, as a placeholder spells it (`name!path` where backends have names).
    ///
    /// ```
    /// use manifill::{Renderer, RunContext};
    /// use manifill::vault::{Keys, backend::memory::Memory};
    ///
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
    /// let secret = renderer.read("db", Keys::names(["user"]), &RunContext::new()).await.unwrap();
    /// let user = secret.value("user").unwrap().unwrap();
    /// assert_eq!(user.expose().as_text(), Some("svc"));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// What is wrong with the path, or why it cannot be read.
    pub async fn read(
        &self,
        path: &str,
        keys: Keys,
        context: &RunContext,
    ) -> Result<Secret, RenderError> {
        self.read_for(Purpose::Value, path, keys, context).await
    }

    async fn read_for(
        &self,
        purpose: Purpose<'_>,
        path: &str,
        keys: Keys,
        context: &RunContext,
    ) -> Result<Secret, RenderError> {
        let (backend, mut request) = Reads::new(&self.backends, &self.rules)
            .whole(path, purpose)
            .map_err(|pending| RenderError::new(pending.into_diagnostics(), 0))?;
        request.keys = keys;
        let run = self.limit(context);
        fetch::read(&self.backends, backend, &request, &run)
            .await
            .map_err(|error| {
                let restricted = self.rules.is_restricted();
                let name = self.backends.name(backend);
                let mut told = Diagnostic::from_vault(&error, restricted);
                let setting = error.setting();
                match setting.and_then(|setting| self.backends.setting_place(name, setting)) {
                    Some(place) => told.place = place.clone(),
                    None => told = told.with_read(name, &request, None),
                }
                RenderError::new(vec![told], 0).with_notes(run.notes())
            })
    }
}
