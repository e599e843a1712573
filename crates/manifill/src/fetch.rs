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
