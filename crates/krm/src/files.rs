//! What items are made of.

use std::path::{Path, PathBuf};

use manifill::inputs::{self, Confines, FilesError, Problem, Selection};
use manifill::{
    DiagnosticKind, Door, Finding, Findings, Input, RenderError, RunContext, printable,
};

use crate::list::NOTHING;
use crate::role::Generate;

/// The inputs that items are made of, and remarks.
///
/// # Errors
/// All files that cannot be read, or lie elsewhere than the folder in which the function runs.
pub(crate) fn read(
    generate: &Generate,
    never: &[PathBuf],
    context: &RunContext,
) -> Result<(Vec<Input>, Vec<String>), RenderError> {
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    if !generate.files.is_empty() {
        let selection = Selection::new(&generate.files)
            .with_confines(Confines::new(Path::new("."), None))
            .with_deadline(context.deadline())
            .with_door(Door::Function);
        let mut findings = Findings::new(&[]);
        match inputs::read(&selection, never) {
            Ok(files) => (all, notes) = (files.inputs, files.notes),
            Err(error) => unread(error).into_iter().for_each(|one| findings.push(one)),
        }
        findings.settle(NOTHING)?;
    }
    let manifests = generate.manifests.iter();
    all.extend(manifests.map(|(name, text)| Input::new(name, text)));
    Ok((all, notes))
}

fn unread(error: FilesError) -> Vec<Finding> {
    let finding = |message: String| {
        let message = printable(&message).into_owned();
        let finding = Finding::error(DiagnosticKind::Configuration, message);
        finding.with_field("functionConfig.spec.files")
    };
    let hinted = |finding: Finding, problem: &Problem| match problem.hint {
        Some(hint) => finding.with_hint(hint),
        None => finding,
    };
    match error {
        FilesError::Files(problems) => {
            let told = |one: &Problem| {
                let message = format!("could not read {}: {}", one.file, one.reason);
                hinted(finding(message), one)
            };
            problems.iter().map(told).collect()
        }
        FilesError::Nothing(one) => {
            let message = format!("{} in {}", one.reason, one.file);
            vec![hinted(finding(message), &one)]
        }
        error => vec![finding(error.to_string())],
    }
}
