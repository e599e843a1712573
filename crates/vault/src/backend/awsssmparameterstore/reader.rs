//! The calls, and what their answers mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::model::{Content, Page, Parameter, Parameters};
use super::path::joined;
use crate::transport::aws::{Aws, Call, Failed, Refused};
use crate::{RunContext, VaultError, VaultErrorKind};

/// How many parameters one call reads.
const BATCH: usize = 10;

/// More parts of a folder than this are not read.
const MOST_PAGES: usize = 200;

/// A parameter or folder in its region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) region: String,
    /// The name of a parameter, or its ARN; the path of a folder.
    pub(super) name: String,
    pub(super) selector: Option<String>,
    pub(super) is_folder: bool,
}

pub(super) type Read = Result<Content, VaultError>;

/// Reads one parameter or folder.
pub(super) async fn one(aws: &Aws, wanted: &Wanted, run: &RunContext) -> Read {
    if wanted.is_folder {
        return folder(aws, wanted, run).await;
    }
    let read = ask(aws, &wanted.region, &[wanted], run).await;
    let mut read = read.map_err(|failed| match failed {
        Failed::Refused(refused) => meaning(refused, wanted),
        Failed::Error(error) => error,
    })?;
    read.remove(wanted).unwrap_or_else(|| Err(other(wanted)))
}

/// Reads parameters of one region, at most ten.
pub(super) async fn some(aws: &Aws, wanted: &[Wanted], run: &RunContext) -> BTreeMap<Wanted, Read> {
    let failed = |error: &VaultError| {
        let failed = wanted.iter().map(|one| (one.clone(), Err(error.clone())));
        failed.collect()
    };
    let asked: Vec<&Wanted> = wanted.iter().collect();
    let Some(first) = asked.first() else {
        return BTreeMap::new();
    };
    match ask(aws, &first.region, &asked, run).await {
        Ok(read) => read,
        // One that may not be read spoils the call: which one is told by asking alone.
        Err(Failed::Refused(refused)) if asked.len() > 1 && !refused.is_for_all() => {
            let mut all = BTreeMap::new();
            for wanted in asked {
                all.insert(wanted.clone(), one(aws, wanted, run).await);
            }
            all
        }
        Err(Failed::Refused(refused)) => failed(&meaning(refused, first)),
        Err(Failed::Error(error)) => failed(&error),
    }
}

/// The wanted parameters in groups for one call each: of one region, at most ten, and none of them
/// twice, which the service refuses even with different versions.
pub(super) fn groups(wanted: impl IntoIterator<Item = Wanted>) -> Vec<Vec<Wanted>> {
    let mut groups: Vec<(BTreeSet<String>, Vec<Wanted>)> = Vec::new();
    for one in wanted {
        let has_room = |(names, group): &&mut (BTreeSet<String>, Vec<Wanted>)| {
            let is_here = group.first().is_none_or(|first| first.region == one.region);
            group.len() < BATCH && is_here && !names.contains(&one.name)
        };
        match groups.iter_mut().find(has_room) {
            Some((names, group)) => {
                names.insert(one.name.clone());
                group.push(one);
            }
            None => groups.push((BTreeSet::from([one.name.clone()]), vec![one])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

async fn ask(
    aws: &Aws,
    region: &str,
    wanted: &[&Wanted],
    run: &RunContext,
) -> Result<BTreeMap<Wanted, Read>, Failed> {
    let name = |one: &&Wanted| joined(&one.name, one.selector.as_deref());
    let names: Vec<String> = wanted.iter().map(name).collect();
    let call = Call {
        target: "AmazonSSM.GetParameters",
        region,
        body: json!({"Names": names, "WithDecryption": true}).to_string(),
    };
    let answer = aws.call(call, run).await?;
    let Parameters {
        parameters,
        invalid_parameters,
    } = answer.json()?;
    let mut read = BTreeMap::new();
    for (one, name) in wanted.iter().zip(&names) {
        let is_it = |parameter: &&Parameter| {
            let is_called = |own: &str| own == one.name;
            let is_named = is_called(&parameter.name) || is_called(&parameter.arn);
            is_named && parameter.has(one.selector.as_deref())
        };
        let found = match parameters.iter().find(is_it) {
            Some(parameter) => Ok(Content::Parameter(parameter.clone())),
            None if invalid_parameters.contains(name) => Err(missing(one)),
            None => Err(other(one)),
        };
        read.insert(Wanted::clone(one), found);
    }
    Ok(read)
}

async fn folder(aws: &Aws, wanted: &Wanted, run: &RunContext) -> Read {
    let path = wanted.name.trim_end_matches('/');
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut body =
            json!({"Path": path, "Recursive": false, "WithDecryption": true, "MaxResults": 10});
        if let Some(token) = &token {
            body["NextToken"] = json!(token);
        }
        let call = Call {
            target: "AmazonSSM.GetParametersByPath",
            region: &wanted.region,
            body: body.to_string(),
        };
        let answer = match aws.call(call, run).await {
            Ok(answer) => answer,
            Err(Failed::Refused(refused)) => return Err(meaning(refused, wanted)),
            Err(Failed::Error(error)) => return Err(error),
        };
        let page: Page = answer.json()?;
        for parameter in page.parameters {
            let name = parameter.name.strip_prefix(&wanted.name).map(str::to_owned);
            let name = name.filter(|name| !name.is_empty() && !name.contains('/'));
            found.push((name.ok_or_else(|| other(wanted))?, parameter));
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return if found.is_empty() {
                Err(missing(wanted))
            } else {
                Ok(Content::Folder(found))
            };
        }
    }
    Err(named(
        VaultError::invalid_answer("the folder {} in {} holds too many parameters"),
        wanted,
    ))
}

fn named(error: VaultError, wanted: &Wanted) -> VaultError {
    let name = joined(&wanted.name, wanted.selector.as_deref());
    error.with_name(name).with_name(&wanted.region)
}

fn missing(wanted: &Wanted) -> VaultError {
    let message = if wanted.is_folder {
        "there are no parameters in the folder {} in {}"
    } else {
        "there is no parameter {} in {}"
    };
    let error = named(VaultError::new(VaultErrorKind::NotFound, message), wanted);
    error.with_hint("AWS_REGION says another region, and an ARN names its own")
}

fn other(wanted: &Wanted) -> VaultError {
    let message = "the Parameter Store answers with something else than {} in {}";
    named(VaultError::invalid_answer(message), wanted)
}

fn meaning(refused: Refused, wanted: &Wanted) -> VaultError {
    use VaultErrorKind as Kind;
    let told = |kind, message| named(refused.as_error(kind, message), wanted);
    if refused.is(&[
        "ParameterNotFound",
        "ParameterVersionNotFound",
        "ParameterVersionLabelLimitExceeded",
    ]) {
        return missing(wanted);
    }
    if refused.is(&["InvalidKeyId"]) {
        return told(
            Kind::PermissionDenied,
            "the parameter {} in {} cannot be decrypted with its KMS key",
        )
        .with_hint("the role or user needs kms:Decrypt on that key");
    }
    if refused.is(&["ValidationException"]) {
        return told(
            Kind::InvalidRequest,
            "the Parameter Store does not take {} in {} for a parameter",
        );
    }
    if refused.is_denied() {
        return told(Kind::PermissionDenied, "this AWS login may not read {} in {}")
            .with_hint("it needs ssm:GetParameters, ssm:GetParametersByPath for folders, and kms:Decrypt on a key of your own");
    }
    Failed::Refused(refused).into_error()
}
