//! What objects say of Secrets and ConfigMaps.

mod accounts;
mod argocd;
mod pods;
mod rbac;
mod reference;
mod resolve;
mod workflows;

use crate::externals::Externals;
use crate::problem::Problem;
use crate::set::{Holders, Set};
use reference::Reference;

/// Everything that names something which is not there, or no longer is when the set is filled.
pub(crate) fn check(set: &Set, filled: Option<&Set>, externals: &Externals) -> Vec<Problem> {
    let holders = Holders::of(set, filled);
    let mut references = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        pods::find(number, object, &mut references);
        accounts::find(number, object, &mut references);
        argocd::find(number, object, &mut references);
        workflows::find(number, object, &mut references);
    }
    let wrong = |reference: &Reference| resolve::problem(reference, set, &holders, externals);
    let mut problems: Vec<Problem> = references.iter().filter_map(wrong).collect();
    problems.extend(rbac::check(set, externals));
    problems
}
