//! Which Secrets an app may read (rule R7).

use super::model::Object;
use super::path::SecretName;
use crate::settings::ConnectContext;
use crate::{PathError, Settings, VaultError, VaultErrorKind};

/// What opens a Secret to apps that no policy binds.
const READABLE: &str = "manifill.dev/readable";

/// Credentials of the cluster and records of Helm: no secrets of an app, whoever labelled them.
const NEVER: [&str; 3] = [
    "kubernetes.io/service-account-token",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release.v1",
];

/// How far paths reach.
#[derive(Default)]
pub(super) enum Reach {
    /// Everywhere.
    #[default]
    Everywhere,
    /// In the default namespace, all that is not Argo CD's own.
    Namespace,
    /// In the default namespace, what is labelled for it, and never the Secret with the settings.
    Labelled { settings: Option<SecretName> },
}

impl Reach {
    /// How far paths reach that an app's author chooses.
    ///
    /// # Errors
    /// If the switch that widens it is neither on nor off.
    pub(super) fn new(
        settings: &Settings,
        context: &ConnectContext,
        namespace: &str,
    ) -> Result<Self, VaultError> {
        let any = settings.switch("MANIFILL_KUBE_ANY_SECRET")?;
        let own = || SecretName::parse(context.settings_secret()?, namespace).ok();
        Ok(match (context.is_confined(), any) {
            (false, _) => Reach::Everywhere,
            (true, Some(true)) => Reach::Namespace,
            (true, _) => Reach::Labelled { settings: own() },
        })
    }

    /// Judges a name before anything is asked.
    pub(super) fn judge_name(&self, name: &SecretName, namespace: &str) -> Result<(), PathError> {
        if !matches!(self, Reach::Everywhere) && name.namespace != namespace {
            return Err(PathError::new(
                "namespace {} is out of reach: without a policy an app reads from {} only",
            )
            .with_name(&name.namespace)
            .with_name(namespace)
            .with_hint("the operator can allow it with a policy in the settings file"));
        }
        match self {
            Reach::Labelled { settings } if settings.as_ref() == Some(name) => Err(PathError::new(
                "the Secret {} holds the settings of manifill: without a policy no app reads it",
            )
            .with_name(&name.name)
            .with_hint("the operator can allow it with a policy in the settings file")),
            _ => Ok(()),
        }
    }

    /// Judges a Secret by what it says of itself.
    pub(super) fn judge(&self, name: &SecretName, object: &Object) -> Result<(), VaultError> {
        if !matches!(self, Reach::Labelled { .. }) {
            return Ok(());
        }
        let refused = |message| {
            VaultError::new(VaultErrorKind::PermissionDenied, message)
                .with_name(&name.name)
                .with_name(&name.namespace)
        };
        if let Some(kind) = NEVER
            .into_iter()
            .find(|kind| object.kind_of_data() == *kind)
        {
            return Err(refused(
                "the Secret {} in namespace {} is of type {}: without a policy no app reads it",
            )
            .with_name(kind)
            .with_hint("the operator can allow it with a policy in the settings file"));
        }
        if object.has_label(READABLE, "true") {
            return Ok(());
        }
        Err(refused("without a policy an app reads the Secret {} in namespace {} only if it has the label {}")
            .with_name(format!("{READABLE}: \"true\""))
            .with_hint("`kubectl label secret <name> manifill.dev/readable=true` opens it to all apps; a policy in the settings file says which app reads what"))
    }
}
