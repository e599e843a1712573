//! Manifests to measure with: made, not shipped, the same in every run.

use std::fmt::Write as _;

/// The vault of the items.
pub const VAULT: &str = "Bench";

/// Deployments without a placeholder, as `helm template` prints them.
pub fn deployments(count: usize) -> String {
    let mut out = String::new();
    for n in 0..count {
        let _ = write!(
            out,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{n}\n  namespace: team-{}\n  labels:\n    app.kubernetes.io/name: app-{n}\n    app.kubernetes.io/managed-by: Helm\nspec:\n  replicas: {}\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: app-{n}\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: app-{n}\n    spec:\n      containers:\n        - name: main\n          image: \"registry.example/app-{n}:1.{}.0\"\n          ports:\n            - containerPort: 8080\n          resources:\n            limits: {{cpu: 500m, memory: 256Mi}}\n",
            n % 40,
            n % 5 + 1,
            n % 90,
        );
    }
    out
}

/// Secrets with two generic placeholders each, on `items` items.
pub fn secrets(count: usize, items: usize) -> String {
    let mut out = String::new();
    for n in 0..count {
        let _ = write!(
            out,
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: secret-{n}\n  annotations:\n    avp.kubernetes.io/path: \"vaults/{VAULT}/items/item {}\"\ntype: Opaque\nstringData:\n  username: <username> # who\n  password: <password>\n",
            n % items,
        );
    }
    out
}

/// One ConfigMap with that many inline placeholders on 20 items.
pub fn config_map(placeholders: usize) -> String {
    let mut out = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n");
    for n in 0..placeholders {
        let _ = writeln!(
            out,
            "  key-{n}: <path:vaults/{VAULT}/items/item {}#username>",
            n % 20
        );
    }
    out
}

/// Documents as short as they can be, each with a placeholder.
pub fn tiny_documents(count: usize) -> String {
    let document = |n: usize| {
        format!(
            "---\nkind: A\nb: <path:vaults/{VAULT}/items/item {}#username>\n",
            n % 20
        )
    };
    (0..count).map(document).collect()
}

/// A list as short as it can be, each item a placeholder.
pub fn list(count: usize) -> String {
    let item = |n: usize| format!("- <path:vaults/{VAULT}/items/item {}#username>\n", n % 20);
    let items: String = (0..count).map(item).collect();
    format!("kind: A\nb:\n{items}")
}

/// One ConfigMap with that many placeholders, each on an item of its own.
pub fn many_items(count: usize) -> String {
    let mut out = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n");
    for n in 0..count {
        let _ = writeln!(
            out,
            "  key-{n}: <path:vaults/{VAULT}/items/item {n}#username>"
        );
    }
    out
}

/// Custom resource definitions of at least that many bytes: long, deep, prose in quotes.
pub fn crds(bytes: usize) -> String {
    let mut out = String::new();
    let mut n = 0;
    while out.len() < bytes {
        let _ = write!(
            out,
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things-{n}.example.io\nspec:\n  group: example.io\n  names:\n    kind: Thing{n}\n    plural: things-{n}\n  scope: Namespaced\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          properties:\n",
        );
        for field in 0..5000 {
            let _ = write!(
                out,
                "            field{field}:\n              description: 'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values.'\n              type: string\n              pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\n",
            );
        }
        n += 1;
    }
    out
}

/// The items that the placeholders name, as the fake Connect server reads them.
pub fn connect_data(items: usize) -> String {
    let items: Vec<String> = (0..items)
        .map(|n| {
            format!(
                "{{\"title\":\"item {n}\",\"fields\":{{\"username\":\"user-{n}\",\"password\":\"made-up: #{n}\"}}}}"
            )
        })
        .collect();
    format!(
        "{{\"vaults\":[{{\"name\":\"{VAULT}\",\"items\":[{}]}}]}}\n",
        items.join(",")
    )
}

/// The same items as a data file of the `file` backend.
pub fn file_data(items: usize) -> String {
    let items: Vec<String> = (0..items)
        .map(|n| {
            format!(
                "\"vaults/{VAULT}/items/item {n}\":{{\"username\":\"user-{n}\",\"password\":\"made-up: #{n}\"}}"
            )
        })
        .collect();
    format!("{{{}}}\n", items.join(","))
}
