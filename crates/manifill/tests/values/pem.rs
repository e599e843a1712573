//! PEM texts with `\n` in the place of line breaks.

use super::{failed, quiet, warned};

#[test]
fn a_pem_text_on_one_line_is_told() {
    let message = "the value of placeholder path:v#pem has \\n as two characters where a PEM text has line breaks";
    for (source, field, hint, works) in [
        (
            "kind: Secret\nstringData: {k: <path:v#pem>}\n",
            "2:17 stringData.k",
            "add | unescape",
            "kind: Secret\nstringData: {k: <path:v#pem | unescape>}\n",
        ),
        (
            "kind: Secret\ndata: {k: <path:v#pem | base64encode>}\n",
            "2:11 data.k",
            "put | unescape before | base64encode",
            "kind: Secret\ndata: {k: <path:v#pem | unescape | base64encode>}\n",
        ),
        (
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem>\n",
            "4:5 data.k",
            "add | unescape",
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem | unescape>\n",
        ),
    ] {
        assert_eq!(
            warned(source),
            format!("warning {field}: {message} / {hint}\n")
        );
        let fixed = quiet(works);
        assert!(!fixed.contains(r"KEY-----\\n"), "{fixed}");
    }
}

#[test]
fn a_pem_text_inside_a_string_of_json_is_as_it_should_be() {
    for text in [
        r#"{"key": "<path:v#pem>"}"#,
        r#"KEY="<path:v#pem>""#,
        "<path:v#pem | toJson>",
        "<path:v#pem | sha256sum>",
    ] {
        quiet(&format!("kind: ConfigMap\ndata: {{k: '{text}'}}\n"));
    }
}

#[test]
fn what_json_parse_refuses_may_be_a_pem_text() {
    let told = failed("kind: A\nx: <path:v#pem | jsonParse>\n");
    assert!(
        told.contains("jsonParse: the value is not valid JSON")
            && told.contains("use | unescape in place of | jsonParse"),
        "{told}"
    );
    quiet("kind: A\nx: <path:v#pem | unescape>\n");
}
