//! A function, from its list to its end.

use std::path::PathBuf;

use manifill::{
    DiagnosticKind, Door, Finding, Input, Options, RenderError, Rendered, Renderer, RunContext,
};
use manifill_check::{AllowedField, Guard, guard, refuse_elsewhere, refuse_mocks};
use manifill_manifest::{ManifestError, add_items, contents};

use crate::ended::Ended;
use crate::files;
use crate::items::Items;
use crate::list::{self, List, NOTHING};
use crate::results::Results;
use crate::role::{Fill, Generate, Role};

/// A KRM function with the list that it gets.
#[derive(Debug)]
#[must_use]
pub struct Function {
    input: [Input; 1],
    list: List,
}

impl Function {
    /// The function of a list, which is what an orchestrator writes to a function.
    ///
    /// What is wrong with its `functionConfig` shows when it is run: only then is there a list in which
    /// it can be told.
    ///
    /// # Errors
    /// If the input is no `ResourceList`.
    pub fn read(input: Input) -> Result<Self, RenderError> {
        let list = list::read(&input)?;
        Ok(Function {
            input: [input],
            list,
        })
    }

    /// Whether it reads secrets. One that does not can be given any renderer.
    pub fn reads_secrets(&self) -> bool {
        matches!(self.list.role, Ok(Role::Fill(_) | Role::Generate(_)))
    }

    /// The function with the renderer that it is run with, which gets the options of
    /// `functionConfig`. Settings and policy are the renderer's: whoever writes the list has no say
    /// in them.
    pub fn prepare(&self, renderer: Renderer) -> FunctionRun<'_> {
        let options = match &self.list.role {
            Ok(Role::Fill(fill)) => fill.options(),
            Ok(Role::Generate(generate)) => generate.fill.options(),
            _ => Options::new().with_door(Door::Function),
        };
        FunctionRun {
            function: self,
            renderer: renderer.with_options(options),
            never: Vec::new(),
        }
    }

    /// The list as it was, with an error in its `results`: for what goes wrong before the function can
    /// be run.
    pub fn failed(&self, message: &str) -> String {
        let mut results = Results::default();
        results.add_error(message);
        results.put(self.source().to_owned())
    }

    fn source(&self) -> &str {
        self.input.first().map_or("", |input| &input.source)
    }

    fn items(&self) -> Items {
        Items::read(self.source(), &self.list.span)
    }

    fn bad(&self, error: RenderError) -> Ended {
        Ended::bad(self.source().to_owned(), error, &self.items())
    }

    /// Looks for what is left in the items, which stay as they are.
    fn guard(&self, allowed: &[AllowedField]) -> Ended {
        if !self.list.has_items {
            return self.bad(placeless("there are no items to guard"));
        }
        let with = Guard::new().with_door(Door::Function);
        let with = allowed.iter().cloned().fold(with, Guard::with_allowed);
        let guarded = guard(&self.input, &with);
        let notes = guarded.notes().to_vec();
        match guarded.text() {
            Ok(text) => Ended::good(text.into_owned(), Vec::new(), &notes, None, &self.items()),
            Err(error) => self.bad(error),
        }
    }

    /// The list with rendered documents behind its items.
    fn with_items(&self, rendered: &Rendered<'_>) -> Result<String, ManifestError> {
        let texts = rendered.texts().iter();
        let documents: Vec<&str> = texts
            .flat_map(|text| contents(text).map(|span| &text[span]))
            .collect();
        let span = self.list.span.clone();
        let mut list = self.source().to_owned();
        let added = add_items(&list[span.clone()], &documents)?;
        list.replace_range(span, &added);
        Ok(list)
    }
}

/// A function that is ready to be run.
#[derive(Debug)]
#[must_use]
pub struct FunctionRun<'f> {
    function: &'f Function,
    renderer: Renderer,
    never: Vec<PathBuf>,
}

impl FunctionRun<'_> {
    /// Names files that are never inputs, whatever `functionConfig` names: those of the settings.
    pub fn with_never_inputs(mut self, files: Vec<PathBuf>) -> Self {
        self.never = files;
        self
    }

    /// The renderer, with the options of `functionConfig`.
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// Runs the function. Files that `functionConfig` names are read from the working folder.
    pub async fn run(&self, context: &RunContext) -> Ended {
        let function = self.function;
        let ended = match &function.list.role {
            Err(error) => Err(error.clone()),
            Ok(Role::Guard(allowed)) => Ok(function.guard(allowed)),
            Ok(Role::Fill(fill)) => self.fill(fill, context).await,
            Ok(Role::Generate(generate)) => self.generate(generate, context).await,
        };
        ended.unwrap_or_else(|error| function.bad(error))
    }

    async fn fill(&self, fill: &Fill, context: &RunContext) -> Result<Ended, RenderError> {
        let function = self.function;
        let rendered = self.rendered(&function.input, fill, context).await?;
        Ok(Ended::good(
            rendered.joined().into_owned(),
            rendered.warnings().to_vec(),
            rendered.notes(),
            Some(rendered.stats()),
            &function.items(),
        ))
    }

    async fn generate(
        &self,
        generate: &Generate,
        context: &RunContext,
    ) -> Result<Ended, RenderError> {
        let (inputs, mut notes) = files::read(generate, &self.never, context)?;
        let rendered = self.rendered(&inputs, &generate.fill, context).await;
        // Places are those of the files, which are in no list.
        let nowhere = Items::default();
        let source = || self.function.source().to_owned();
        let rendered = match rendered {
            Ok(rendered) => rendered,
            Err(error) => return Ok(Ended::bad(source(), error, &nowhere)),
        };
        if rendered.stats().documents == 0 {
            return Err(placeless(
                "there is nothing to generate in what `spec` names",
            ));
        }
        notes.extend_from_slice(rendered.notes());
        let (warnings, stats) = (rendered.warnings().to_vec(), Some(rendered.stats()));
        match self.function.with_items(&rendered) {
            Ok(text) => Ok(Ended::good(text, warnings, &notes, stats, &nowhere)),
            Err(error) => {
                let message = format!("the items cannot be added to the list: {error}");
                Err(placeless(&message))
            }
        }
    }

    async fn rendered<'i>(
        &self,
        inputs: &'i [Input],
        fill: &Fill,
        context: &RunContext,
    ) -> Result<Rendered<'i>, RenderError> {
        let elsewhere = match fill.only_kinds.as_slice() {
            [] => Ok(()),
            kinds => refuse_elsewhere(inputs, kinds, &fill.allowed, Door::Function),
        };
        let looks = [refuse_mocks(inputs), elsewhere];
        RenderError::of_all(looks.map(|look| look.map(|()| Vec::new())), NOTHING)?;
        self.renderer.render(inputs, context).await
    }
}

/// An error without a place.
fn placeless(message: &str) -> RenderError {
    Finding::error(DiagnosticKind::Manifest, message).into_error(&[], NOTHING)
}
