//! Removing entries: what goes, what stays.

mod support;

use manifill_manifest::{Edit, ManifestError, ManifestErrorKind, Replacement};
use support::parse;

/// Removes the entries of all marked values.
fn remove(source: &str) -> Result<String, ManifestError> {
    let document = parse(source);
    let edits: Vec<Edit> = (0..document.scalar_count())
        .map(|scalar| Edit {
            scalar,
            change: Replacement::Remove,
        })
        .collect();
    document.apply(source, &edits)
}

#[track_caller]
fn becomes(source: &str, wanted: &str) {
    assert_eq!(remove(source).as_deref(), Ok(wanted), "{source:?}");
    let crlf = source.replace('\n', "\r\n");
    let wanted = wanted.replace('\n', "\r\n");
    assert_eq!(remove(&crlf).as_deref(), Ok(&*wanted), "{crlf:?}");
}

#[test]
fn an_entry_on_its_own_lines() {
    becomes("kind: A\na: <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\na: <x>\n", "kind: A\n");
    becomes("a: <x>\nkind: A\n", "kind: A\n");
    becomes("kind: A\nb: 1\na: <x>", "kind: A\nb: 1\n");
    becomes("---\na: <x>\nkind: A\n...\n", "---\nkind: A\n...\n");
    becomes(
        "kind: A\nd:\n  a: <x> # c\n  b: 1\ne: 2\n",
        "kind: A\nd:\n  b: 1\ne: 2\n",
    );
    becomes(
        "kind: A\nd:\n  a: <x>\n  b: <x>\n  c: 1\n  e: <x>\n",
        "kind: A\nd:\n  c: 1\n",
    );
}

#[test]
fn comments_above_stay_and_deeper_ones_below_go() {
    becomes(
        "kind: A\n# a\na: <x> # b\n  # c\n# d\nb: 1\n",
        "kind: A\n# a\n# d\nb: 1\n",
    );
    becomes("kind: A\na: <x>\n\n# d\nb: 1\n", "kind: A\n\n# d\nb: 1\n");
}

#[test]
fn values_of_several_lines_go_whole() {
    becomes("kind: A\na:\n  <x>\n  y\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\na: \"y\n  <x>\"\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\na: |\n  y\n  <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\na: |\n  y\n  <x>\n\nb: 1\n", "kind: A\n\nb: 1\n");
    becomes("kind: A\na: >- # c\n\n  <x>", "kind: A\n");
    becomes("kind: A\na: # c\n  <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\na: !!str &n\n  <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\n&k a: <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\n? a\n: <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\n? |\n  a\n: <x>\nb: 1\n", "kind: A\nb: 1\n");
    becomes("kind: A\n? [a]\n: <x>\nb: 1\n", "kind: A\nb: 1\n");
}

#[test]
fn a_block_above_takes_nothing_in() {
    becomes(
        "kind: A\na: |+\n  y\nb: <x>\n\nc: 1\n",
        "kind: A\na: |+\n  y\nc: 1\n",
    );
    becomes(
        "kind: A\na: |\n  y\nb: <x>\n  # c\nc: 1\n",
        "kind: A\na: |\n  y\nc: 1\n",
    );
    becomes(
        "kind: A\na: |+\n  y\nb: <x>\nc: <x>\n\nd: 1\n",
        "kind: A\na: |+\n  y\nd: 1\n",
    );
}

#[test]
fn nor_does_a_block_above_that_is_filled_with_line_breaks() {
    let source = "kind: A\na: |\n  <x>\nb: <x>\n\nc: 1\n";
    let document = parse(source);
    let remove = Edit {
        scalar: 1,
        change: Replacement::Remove,
    };
    assert_eq!(
        document.apply(
            source,
            &[support::fill(&document, source, 0, "y\n"), remove]
        ),
        Ok("kind: A\na: |+\n  y\n\nc: 1\n".to_owned())
    );
}

#[test]
fn the_first_entry_of_a_list_item() {
    becomes(
        "kind: A\nl:\n- a: <x>\n  b: 1\n- c\n",
        "kind: A\nl:\n- b: 1\n- c\n",
    );
    becomes(
        "kind: A\nl:\n  - a: |\n      <x>\n\n    b: 1\n",
        "kind: A\nl:\n  - b: 1\n",
    );
    becomes(
        "kind: A\nl:\n- a: <x> # c\n  # d\n  b: 1\n",
        "kind: A\nl:\n- # d\n  b: 1\n",
    );
    becomes(
        "kind: A\nl:\n- - a: <x>\n    c: <x>\n    b: 1\n",
        "kind: A\nl:\n- - b: 1\n",
    );
    becomes(
        "kind: A\nl:\n- b: 1\n  a: <x>\n- c\n",
        "kind: A\nl:\n- b: 1\n- c\n",
    );
    becomes(
        "kind: A\nl:\n-\n  a: <x>\n  b: 1\n",
        "kind: A\nl:\n-\n  b: 1\n",
    );
    becomes(
        "kind: A\n? a: <x>\n  b: <x>\n: c: <x>\n  d: 1\n",
        "kind: A\n? a: <x>\n  b: <x>\n: d: 1\n",
    );
}

#[test]
fn all_entries_leave_an_empty_map() {
    becomes("kind: A\nd:\n  a: <x>\n", "kind: A\nd:\n  {}\n");
    becomes("kind: A\nd:\n  a: <x>", "kind: A\nd:\n  {}");
    becomes(
        "kind: A\nd:\n  # a\n  a: <x> # b\n  # c\n  b: <x>\ne: 1\n",
        "kind: A\nd:\n  # a\n  {}\n  # c\ne: 1\n",
    );
    becomes("kind: A\nl:\n- a: <x>\n- b\n", "kind: A\nl:\n- {}\n- b\n");
    becomes(
        "kind: A\nd:\n  a: |\n    <x>\ne: 1\n",
        "kind: A\nd:\n  {}\ne: 1\n",
    );
    becomes("kind: A\nd: {a: <x>}\n", "kind: A\nd: {}\n");
    becomes("kind: A\nd: { a: <x>, b: <x>, }\n", "kind: A\nd: {}\n");
    becomes("kind: A\nl: [a: <x>, b]\n", "kind: A\nl: [{}, b]\n");
    becomes(
        "kind: A\nd: { # c\n  a: <x>\n}\n",
        "kind: A\nd: { # c\n  \n}\n",
    );
}

#[test]
fn entries_in_braces() {
    becomes("kind: A\nd: {a: <x>, b: 1}\n", "kind: A\nd: {b: 1}\n");
    becomes("kind: A\nd: {b: 1, a: <x>}\n", "kind: A\nd: {b: 1}\n");
    becomes("kind: A\nd: {b: 1, a: <x>,}\n", "kind: A\nd: {b: 1,}\n");
    becomes(
        "kind: A\nd: {b: 1, a: <x>, c: 2}\n",
        "kind: A\nd: {b: 1, c: 2}\n",
    );
    becomes(
        "kind: A\nd: {b: 1, a: <x>, c: <x>}\n",
        "kind: A\nd: {b: 1}\n",
    );
    becomes(
        "kind: A\nd: {a: <x>, b, c: <x>, e: {f: <x>}, g: <x>}\n",
        "kind: A\nd: {b, e: {}}\n",
    );
    becomes("kind: A\nd: {b: , a: <x>}\n", "kind: A\nd: {b: }\n");
    becomes("kind: A\nd: {b, a: <x>}\n", "kind: A\nd: {b}\n");
    becomes(
        "kind: A\nd: {? a : <x>, ? b : 1}\n",
        "kind: A\nd: {? b : 1}\n",
    );
    becomes("kind: A\nl: [{a: <x>, b: 1}]\n", "kind: A\nl: [{b: 1}]\n");
    becomes("{kind: A, a: <x>}", "{kind: A}");
    becomes("{a: <x>, kind: A}", "{kind: A}");
}

#[test]
fn entries_of_json() {
    becomes("{\"kind\":\"A\",\"a\":\"<x>\"}", "{\"kind\":\"A\"}");
    becomes(
        "{\"kind\":\"A\",\"d\":{\"a\":\"<x>\"}}",
        "{\"kind\":\"A\",\"d\":{}}",
    );
    becomes(
        "{\n  \"kind\": \"A\",\n  \"a\": \"<x>\",\n  \"b\": 1\n}\n",
        "{\n  \"kind\": \"A\",\n  \"b\": 1\n}\n",
    );
    becomes(
        "{\n  \"kind\": \"A\",\n  \"a\": \"<x>\"\n}\n",
        "{\n  \"kind\": \"A\"\n}\n",
    );
    becomes(
        "{\n  \"a\": \"<x>\",\n  \"kind\": \"A\"\n}\n",
        "{\n  \"kind\": \"A\"\n}\n",
    );
}

#[test]
fn comments_between_entries_in_braces() {
    becomes(
        "kind: A\nd: {\n  a: <x>, # a\n  # b\n  b: 1\n}\n",
        "kind: A\nd: {\n  # b\n  b: 1\n}\n",
    );
    becomes(
        "kind: A\nd: {\n  b: 1, # b\n  a: <x> # a\n}\n",
        "kind: A\nd: {\n  b: 1 # b\n}\n",
    );
    becomes(
        "kind: A\nd: {\n  b: 1 # b\n  , a: <x>\n}\n",
        "kind: A\nd: {\n  b: 1 # b\n  \n}\n",
    );
}

#[test]
fn a_bracket_stays_out_of_comments() {
    becomes("{kind: A, # c\n a: <x>}\n", "{kind: A # c\n }\n");
}

#[test]
fn anchors_in_use_are_an_error() {
    for source in [
        "kind: A\na: &n <x>\nb: *n\n",
        "kind: A\n&n a: <x>\nb: *n\n",
        "kind: A\nd: {a: &n <x>, b: *n}\n",
    ] {
        let error = remove(source).unwrap_err();
        assert_eq!(error.kind(), ManifestErrorKind::AliasedAnchor, "{source}");
        assert!(error.to_string().ends_with("`n`"), "{error}");
    }
    becomes(
        "kind: A\na: &n <x>\nb: &m 1\nc: *m\n",
        "kind: A\nb: &m 1\nc: *m\n",
    );
}

#[test]
fn only_entries_can_be_removed() {
    let error = remove("kind: A\nl: [<x>]\n").unwrap_err();
    assert_eq!(error.kind(), ManifestErrorKind::NotRemovable);
}

#[test]
fn removing_and_filling_at_once() {
    let source = "kind: A\nl:\n- a: <x>\n  b: <x> # c\n- {c: <x>, d: <x>}\n";
    let document = parse(source);
    let fill = |scalar| support::fill(&document, source, scalar, "v");
    let remove = |scalar| Edit {
        scalar,
        change: Replacement::Remove,
    };
    let typed = |scalar, text: &str| Edit {
        scalar,
        change: Replacement::Json(text.to_owned()),
    };
    assert_eq!(
        document.apply(source, &[fill(1), remove(3), remove(0), fill(2)]),
        Ok("kind: A\nl:\n- b: \"v\" # c\n- {c: \"v\"}\n".to_owned())
    );
    assert_eq!(
        document.apply(
            source,
            &[remove(2), typed(3, "[1, {\"a\": null}]"), fill(0)]
        ),
        Ok("kind: A\nl:\n- a: \"v\"\n  b: <x> # c\n- {d: [1, {\"a\": null}]}\n".to_owned())
    );
    let twice = document.apply(source, &[remove(0), fill(0)]).unwrap_err();
    assert_eq!(twice.kind(), ManifestErrorKind::Internal);
}
