//! Base64 and bytes.

use super::{failed, quiet, vault, warned};
use manifill::{Input, Renderer};
use manifill_placeholder::{decode_text, encode};

#[test]
fn binary_data_follows_the_data_of_a_secret() {
    let map = |value: &str| format!("kind: ConfigMap\nbinaryData: {{a: {value}}}\n");
    let told = failed(&map("<path:v#password>"));
    assert_eq!(
        told,
        "error 2:17 binaryData.a: the value of placeholder path:v#password is clear text, and binaryData of a ConfigMap takes base64 / use data or | base64encode\n"
    );
    let told = failed(&map("<path:v#n>"));
    assert!(told.contains("the value is of type number, and binaryData of a ConfigMap takes base64 text / use data, or add | toJson | base64encode"), "{told}");
    let told = warned(&map("<path:v#accident>"));
    assert!(
        told.contains("by accident") && told.contains("use data or"),
        "{told}"
    );
    quiet(&map("<path:v#b64>"));
    assert_eq!(quiet(&map("<path:v#store>")), map("\"//4AAQ==\""));
    // Base64 is looked into; in data it is an error.
    let encoded = encode(b"user=<path:v#user>");
    let filled = encode(b"user=svc");
    let source = format!(
        "kind: ConfigMap\nbinaryData: {{a: {encoded}, b: <path:v#b64>}}\ndata: {{a: Zm9v}}\n"
    );
    assert_eq!(
        quiet(&source),
        format!(
            "kind: ConfigMap\nbinaryData: {{a: \"{filled}\", b: \"cGxhaW4=\"}}\ndata: {{a: Zm9v}}\n"
        )
    );
    let told = failed(&source.replace(&encoded, &encode(b"<path:v#gone>")));
    assert!(told.contains("binaryData.a: missing Vault value"), "{told}");
}

#[test]
fn bytes_in_a_config_map_are_told_where_they_fit() {
    let told = failed("kind: ConfigMap\ndata: {a: <path:v#store>}\n");
    assert!(told.contains("put it alone into binaryData"), "{told}");
    quiet("kind: ConfigMap\nbinaryData: {a: <path:v#store>}\n");
}

#[test]
fn long_base64_and_known_files_are_no_accident() {
    quiet("kind: Secret\ndata: {a: <path:v#store64>, b: <path:v#jks64>}\n");
    warned("kind: Secret\ndata: {a: <path:v#accident>}\n");
}

#[test]
fn base64_cannot_be_joined() {
    let source = "kind: Secret\ndata: {a: Z2xvYmFsOg==<path:v#user | base64encode>CiAgeDogeQ==}\n";
    let told = failed(source);
    assert!(
        told.contains("the value of placeholder path:v#user is base64 beside other text, and base64 cannot be joined / encode the whole text with the placeholder in it, without | base64encode, or write it into stringData"),
        "{told}"
    );
    let whole = encode(b"global: <path:v#user>\n x: y");
    let filled = quiet(&format!("kind: Secret\ndata: {{a: {whole}}}\n"));
    let text = filled.split('"').nth(1).and_then(decode_text);
    assert_eq!(text.as_deref(), Some("global: svc\n x: y"));
    let told = failed("kind: Secret\ndata: {a: 'x <path:v#user>'}\n");
    assert!(
        told.contains("use stringData, or encode the whole text"),
        "{told}"
    );
}

#[test]
fn what_only_base64_names_is_hidden_in_a_plan() {
    let secret = "correct horse battery staple";
    let data = encode(format!("A<{secret}>B <path:v#user> <op://a/b/c> <user>").as_bytes());
    let source = format!(
        "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: v}}}}\ndata: {{a: {data}}}\nstringData: {{b: <password>}}\n"
    );
    let renderer = Renderer::with_backend("1passwordconnect", vault());
    let inputs = [Input::new("m.yaml", source)];
    let plan = renderer.plan(&inputs).unwrap();
    let fields: Vec<_> = plan.fields().collect();
    let keys = |field: usize| -> Vec<&str> {
        fields[field]
            .wants
            .iter()
            .map(|(_, key)| key.as_str())
            .collect()
    };
    assert_eq!(keys(0), ["‹…›", "user", "c", "‹…›"]);
    assert_eq!(keys(1), ["password"]);
    let reads: Vec<_> = plan.reads().map(|read| read.keys).collect();
    assert_eq!(reads, [vec!["c"], vec!["password", "user", "‹…›"]]);
    let told = format!(
        "{fields:?} {reads:?} {:?} {:?}",
        plan.notes(),
        plan.warnings()
    );
    assert!(!told.contains("horse"));
}
