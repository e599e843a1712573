//! Reading what a plan wants: the only part of a run that waits.

use futures_util::future;
use manifill_vault::{RunContext, Secret, SecretRequest, VaultError, VaultErrorKind};

use crate::backends::Backends;
use crate::plan::Plan;

/// The answers to the reads of a plan, to be [applied](Answers::apply).
///
/// They belong to their plan by type: there is no way to put the answers of one plan into another,
/// nor to make any up.
///
/// ```compile_fail
/// let answers = manifill::Answers::default();
/// ```
///
/// ```compile_fail
/// let answers = manifill::Answers { answers: Vec::new() };
/// ```
///
/// ```compile_fail
/// # async fn foreign(renderer: &manifill::Renderer, inputs: &[manifill::Input]) {
/// let (one, other) = (renderer.plan(inputs).unwrap(), renderer.plan(inputs).unwrap());
/// let answers = one.fetch(&manifill::RunContext::new()).await;
/// let rendered = other.apply(answers);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the texts are made by `apply`"]
pub struct Answers<'p, 'i> {
    pub(crate) plan: &'p Plan<'p, 'i>,
    answers: Vec<Result<Secret, VaultError>>,
    /// Whether nothing was read, and mock values stand for what it would have given.
    mocked: bool,
    run: RunContext,
}

impl Answers<'_, '_> {
    pub(crate) fn answer(&self, read: usize) -> &Result<Secret, VaultError> {
        &self.answers[read]
    }

    pub(crate) fn is_mocked(&self) -> bool {
        self.mocked
    }

    pub(crate) fn run(&self) -> &RunContext {
        &self.run
    }
}

impl<'i> Plan<'_, 'i> {
    /// Reads everything the plan wants, all backends at the same time, each of them once.
    ///
    /// It does not stop at the first failure: each read has its own answer, and
    /// [`Answers::apply`] reports them all. The answers borrow the plan and not the context, whose
    /// deadline they keep.
    pub async fn fetch<'p>(&'p self, context: &RunContext) -> Answers<'p, 'i> {
        let (backends, run) = (self.renderer.backends(), self.renderer.limit(context));
        let groups = self.reads.by_backend().map(|(backend, requests)| {
            let run = &run;
            async move {
                let mut answers = ask(backends, backend, requests, run).await;
                // Else a backend that forgot a request would shift the answers of the next one.
                answers.resize_with(requests.len(), || Err(unanswered()));
                answers
            }
        });
        let answers = future::join_all(groups).await;
        let all = answers.into_iter().reduce(|mut all, mut more| {
            all.append(&mut more);
            all
        });
        Answers {
            plan: self,
            answers: all.unwrap_or_default(),
            mocked: false,
            run,
        }
    }

    /// No answers, and mock values in their place; the run is that of the renderer.
    pub(crate) fn mock<'p>(&'p self, run: RunContext) -> Answers<'p, 'i> {
        Answers {
            plan: self,
            answers: Vec::new(),
            mocked: true,
            run,
        }
    }
}

/// Reads one thing.
pub(crate) async fn read(
    backends: &Backends,
    backend: usize,
    request: &SecretRequest,
    run: &RunContext,
) -> Result<Secret, VaultError> {
    ask(backends, backend, std::slice::from_ref(request), run)
        .await
        .pop()
        .unwrap_or_else(|| Err(unanswered()))
}

async fn ask(
    backends: &Backends,
    backend: usize,
    requests: &[SecretRequest],
    run: &RunContext,
) -> Vec<Result<Secret, VaultError>> {
    match backends.backend(backend) {
        Ok(backend) => backend.read(requests, run).await,
        Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// What a read gets that its backend forgot.
fn unanswered() -> VaultError {
    VaultError::new(
        VaultErrorKind::InvalidAnswer,
        "the backend did not answer this request",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use futures_util::FutureExt as _;
    use manifill_vault::VaultBackend;

    use super::*;
    use crate::{Input, Renderer};

    /// Answers so many requests, with the path as the id.
    #[derive(Debug)]
    struct Answering(usize);

    #[async_trait]
    impl VaultBackend for Answering {
        async fn read(
            &self,
            requests: &[SecretRequest],
            _: &RunContext,
        ) -> Vec<Result<Secret, VaultError>> {
            let request = |number: usize| requests.get(number).map_or("more", |r| r.path.as_str());
            (0..self.0)
                .map(|number| Ok(Secret::new().with_id(request(number))))
                .collect()
        }
    }

    #[test]
    fn a_backend_that_miscounts_does_not_shift_the_answers_of_another() {
        for (count, expected) in [
            (1, [Some("a1"), None, Some("b1")]),
            (2, [Some("a1"), Some("a2"), Some("b1")]),
            (3, [Some("a1"), Some("a2"), Some("b1")]),
        ] {
            let backends = Backends::new()
                .with_named("a", "test", Arc::new(Answering(count)))
                .with_named("b", "test", Arc::new(Answering(1)));
            let renderer = Renderer::new(backends);
            let inputs = [Input::new(
                "a.yaml",
                "kind: A\nx: <path:b!b1#k> <path:a!a2#k> <path:a!a1#k>\n",
            )];
            let plan = renderer.plan(&inputs).unwrap();
            let answers = plan.fetch(&RunContext::new()).now_or_never().unwrap();
            let ids = (0..3).map(|read| answers.answer(read).as_ref().ok()?.id());
            assert_eq!(ids.collect::<Vec<_>>(), expected, "{count} answers");
        }
    }
}
