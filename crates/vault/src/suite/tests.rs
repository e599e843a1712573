//! The suite finds what it is there to find.

use super::*;

/// A backend with one thing wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    Nothing,
    Silent,
    Leaks,
    LeaksInPath,
    Another,
    Kind,
    AnswersTwice,
    ForgetsNames,
}

#[derive(Debug)]
struct Odd(Wrong, Case);

#[async_trait]
impl VaultBackend for Odd {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let Odd(wrong, case) = *self;
        let mut answers = Vec::new();
        for _ in requests {
            let missing =
                VaultError::new(VaultErrorKind::NotFound, "nothing at {}").with_name("db");
            answers.push(match (case, wrong) {
                (Case::MissingPath, Wrong::Leaks) => Err(missing.with_name(SENTINEL)),
                (Case::MissingPath, Wrong::Kind) => {
                    Err(VaultError::new(VaultErrorKind::Unavailable, "no"))
                }
                (Case::MissingPath, _) => Err(missing),
                (_, Wrong::LeaksInPath) => Ok(Secret::new().with_id(SENTINEL)),
                (_, Wrong::Another) => {
                    Ok(Secret::from_values([("key", SecretValue::text("another"))]))
                }
                (_, Wrong::ForgetsNames) => {
                    Ok(Secret::from_values([("key", case.value())]).with_names([""; 0]))
                }
                _ => Ok(Secret::from_values([("key", case.value())])),
            });
            if wrong == Wrong::AnswersTwice {
                answers.push(Ok(Secret::new()));
            }
        }
        if wrong == Wrong::Silent {
            answers.clear();
        }
        answers
    }
}

struct Of(Wrong);

#[async_trait]
impl Fixture for Of {
    async fn set_up(&self, case: Case) -> Setup {
        Setup::new(Arc::new(Odd(self.0, case)), "db", "key")
    }
}

#[tokio::test]
async fn a_right_backend_passes() {
    for case in [Case::Found, Case::MissingPath, Case::Several, Case::Large] {
        assert_eq!(check(case, &Of(Wrong::Nothing)).await, Ok(()), "{case:?}");
    }
}

#[tokio::test]
async fn a_wrong_backend_fails() {
    for (wrong, case, word) in [
        (Wrong::Silent, Case::Found, "not one answer"),
        (Wrong::AnswersTwice, Case::Found, "not one answer"),
        (Wrong::AnswersTwice, Case::Several, "not one answer"),
        (Wrong::Leaks, Case::MissingPath, "a secret shows"),
        (Wrong::LeaksInPath, Case::Found, "a secret shows"),
        (Wrong::Another, Case::Found, "another one"),
        (Wrong::Kind, Case::MissingPath, "not [NotFound]"),
        (Wrong::ForgetsNames, Case::Several, "names"),
        (Wrong::Nothing, Case::MissingKey, "does not exist"),
        (Wrong::Nothing, Case::SameName, "in silence"),
        (Wrong::Nothing, Case::Version, "no difference"),
        (Wrong::Nothing, Case::OwnLogin, "given out"),
        (Wrong::Nothing, Case::Page, "no server"),
    ] {
        let failure = check(case, &Of(wrong)).await.unwrap_err();
        assert!(failure.contains(word), "{wrong:?} {case:?}: {failure}");
    }
}

#[test]
fn every_case_is_listed_once() {
    let mut names: Vec<_> = Case::ALL.iter().map(|case| case.as_str()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Case::ALL.len());
    assert_eq!(
        names.len(),
        Case::Redirect as usize + 1,
        "the last case is not Redirect?"
    );
    for case in Case::ALL {
        assert_eq!(
            case.fault(None).is_some(),
            Case::NETWORK.contains(case),
            "{case:?}"
        );
    }
}
