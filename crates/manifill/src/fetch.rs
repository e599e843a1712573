//! Reading what a plan wants: the only part of a run that waits.

use futures_util::future;
use manifill_vault::{Run, Secret, SecretRequest, VaultError, VaultErrorKind};

use crate::backends::Backends;
use crate::plan::Plan;

/// The answers to the reads of a plan.
#[derive(Debug, Default)]
pub struct Fetched {
    answers: Vec<Result<Secret, VaultError>>,
}

impl Fetched {
    pub(crate) fn answer(&self, read: usize) -> &Result<Secret, VaultError> {
        &self.answers[read]
    }
}

/// Reads everything a plan wants, all backends at the same time, each of them once.
///
/// It does not stop at the first failure: each read has its own answer, and
/// [`Plan::apply`](crate::Plan::apply) reports them all. `backends` are those the plan was made
/// with.
pub async fn fetch(plan: &Plan<'_>, backends: &Backends, run: &Run) -> Fetched {
    let groups = plan
        .reads
        .by_backend()
        .map(|(backend, requests)| async move {
            let mut answers = ask(backends, backend, requests, run).await;
            // Else a backend that forgot a request would shift the answers of the next one.
            answers.resize_with(requests.len(), || Err(unanswered()));
            answers
        });
    let answers = future::join_all(groups).await;
    let all = answers.into_iter().reduce(|mut all, mut more| {
        all.append(&mut more);
        all
    });
    Fetched {
        answers: all.unwrap_or_default(),
    }
}

/// Reads one thing.
pub(crate) async fn read(
    backends: &Backends,
    backend: usize,
    request: &SecretRequest,
    run: &Run,
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
    run: &Run,
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
#[allow(clippy::unwrap_used)]
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
            _: &Run,
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
            let fetched = fetch(&plan, renderer.backends(), &Run::default())
                .now_or_never()
                .unwrap();
            let ids = (0..3).map(|read| fetched.answer(read).as_ref().ok()?.id());
            assert_eq!(ids.collect::<Vec<_>>(), expected, "{count} answers");
        }
    }
}
