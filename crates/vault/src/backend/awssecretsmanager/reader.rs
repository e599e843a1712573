//! The calls, and what their answers mean.

use std::collections::BTreeMap;

use serde_json::json;

use super::model::{Value, Values};
use super::path::{SecretId, Version};
use crate::transport::aws::{Aws, Call, Failed, Refused};
use crate::{RunContext, VaultError, VaultErrorKind};

/// How many secrets one call reads.
const BATCH: usize = 20;

/// A secret in its region, and which version of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) region: String,
    pub(super) id: SecretId,
    pub(super) version: Option<Version>,
}

/// Reads one secret.
pub(super) async fn one(aws: &Aws, wanted: &Wanted, run: &RunContext) -> Result<Value, VaultError> {
    let mut body = json!({"SecretId": wanted.id.id});
    match &wanted.version {
        Some(Version::Stage(stage)) => body["VersionStage"] = json!(stage),
        Some(Version::Id(id)) => body["VersionId"] = json!(id),
        None => {}
    }
    let call = Call {
        target: "secretsmanager.GetSecretValue",
        region: &wanted.region,
        body: body.to_string(),
    };
    match aws.call(call, run).await {
        Ok(answer) => {
            let value: Value = answer.json()?;
            if wanted.id.is_of(&value.name, &value.arn) {
                return Ok(value);
            }
            Err(VaultError::invalid_answer(
                "AWS Secrets Manager answers with another secret than {}",
            )
            .with_name(&wanted.id.id))
        }
        Err(Failed::Refused(refused)) => Err(meaning(refused, wanted)),
        Err(Failed::Error(error)) => Err(error),
    }
}

/// Reads many secrets in their newest version, a few at a time. What is not in the outcome is to be
/// read alone: what is wrong with it is told better there.
pub(super) async fn many(
    aws: &Aws,
    wanted: &[Wanted],
    run: &RunContext,
) -> Result<BTreeMap<Wanted, Value>, VaultError> {
    let mut regions: BTreeMap<&str, Vec<&Wanted>> = BTreeMap::new();
    for one in wanted.iter().filter(|one| one.version.is_none()) {
        regions.entry(&one.region).or_default().push(one);
    }
    let mut found = BTreeMap::new();
    for (region, wanted) in regions {
        for some in wanted.chunks(BATCH).filter(|some| some.len() > 1) {
            let ids: Vec<&str> = some.iter().map(|one| one.id.id.as_str()).collect();
            let call = Call {
                target: "secretsmanager.BatchGetSecretValue",
                region,
                body: json!({ "SecretIdList": ids }).to_string(),
            };
            match aws.call(call, run).await {
                Ok(answer) => {
                    let Values { secret_values } = answer.json()?;
                    for value in secret_values {
                        let is_it = |one: &&&Wanted| one.id.is_of(&value.name, &value.arn);
                        if let Some(one) = some.iter().find(is_it) {
                            found.insert(Wanted::clone(one), value);
                        }
                    }
                }
                Err(Failed::Refused(refused)) if refused.is_denied() => {
                    run.note("this AWS login may not read secrets in batches, which needs secretsmanager:BatchGetSecretValue; they are read one by one");
                    return Ok(found);
                }
                // One wrong name spoils a batch.
                Err(Failed::Refused(refused)) if !refused.is_for_all() => {}
                Err(failed) => return Err(failed.into_error()),
            }
        }
    }
    Ok(found)
}

fn meaning(refused: Refused, wanted: &Wanted) -> VaultError {
    use VaultErrorKind as Kind;
    let named = |kind, message| {
        let error = refused.as_error(kind, message).with_name(&wanted.id.id);
        error.with_name(&wanted.region)
    };
    if refused.is(&["ResourceNotFoundException"]) {
        return match &wanted.version {
            Some(version) => refused
                .as_error(Kind::NotFound, "there is no version {} of a secret {} in {}")
                .with_name(version.as_str())
                .with_name(&wanted.id.id)
                .with_name(&wanted.region),
            None if wanted.id.region.is_some() => named(Kind::NotFound, "there is no secret {} in {}")
                .with_hint("an ARN ends in a hyphen and six characters that AWS makes up; without them, a name that ends so itself is not found"),
            None => named(Kind::NotFound, "there is no secret {} in {}")
                .with_hint("AWS_REGION says another region, and an ARN names its own"),
        };
    }
    if refused.is(&["InvalidRequestException"]) {
        return named(Kind::NotFound, "the secret {} in {} is marked for deletion");
    }
    if refused.is(&["DecryptionFailure"]) {
        return named(
            Kind::PermissionDenied,
            "the secret {} in {} cannot be decrypted with its KMS key",
        )
        .with_hint("the role or user needs kms:Decrypt on that key");
    }
    if refused.is(&["InvalidParameterException", "ValidationException"]) {
        return named(
            Kind::InvalidRequest,
            "AWS Secrets Manager does not take {} in {} for a secret, or its version for one",
        );
    }
    if refused.is_denied() {
        return named(
            Kind::PermissionDenied,
            "this AWS login may not read the secret {} in {}",
        )
        .with_hint("it needs secretsmanager:GetSecretValue, and kms:Decrypt on a key of your own");
    }
    Failed::Refused(refused).into_error()
}
