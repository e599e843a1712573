//! What the backend of Kubernetes Secrets declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "kubernetes",
        "k8s",
        "kube",
        "secret",
        "k8ssecret",
        "kubernetessecrets",
        "secrets",
    ],
    about: "Kubernetes Secrets, by the pod's account or a kubeconfig",
    example: "argocd:db#password",
    settings: &[
        // A kubeconfig can name a plugin to log in with.
        Setting::new(
            "KUBECONFIG",
            Kind::Program,
            Class::Locked,
            "kubeconfig files, by absolute paths",
        ),
        Setting::new(
            "MANIFILL_KUBE_CONTEXT",
            Kind::Text,
            Class::Operator,
            "context of the kubeconfig",
        ),
        Setting::new(
            "MANIFILL_KUBE_NAMESPACE",
            Kind::Text,
            Class::Operator,
            "namespace of paths without one",
        ),
        Setting::new(
            "MANIFILL_KUBE_ANY_SECRET",
            Kind::Switch,
            Class::Operator,
            "whether apps without a policy read Secrets without the label",
        ),
    ],
    uses_account: true,
    #[cfg(feature = "kubernetessecret")]
    connect: Some(super::connect),
    ..BackendInfo::named("kubernetessecret")
};
