//! Which file of a chart or a kustomization a document was made from, as Helm and kustomize say in
//! the document itself. It is looked for only where something is told (rule R12).

use std::ops::Range;

use manifill_manifest::LineIndex;

/// An input as far as places in it are told.
pub(crate) struct Located<'i> {
    source: &'i str,
    lines: LineIndex<'i>,
    /// The document of the last place, since many places can be in one document.
    last: Option<(Range<usize>, Option<String>)>,
}

impl<'i> Located<'i> {
    pub(crate) fn new(source: &'i str) -> Self {
        Located {
            source,
            lines: LineIndex::new(source),
            last: None,
        }
    }

    /// The line and column of a byte.
    pub(crate) fn line_column(&self, offset: usize) -> (usize, usize) {
        self.lines.line_column(offset)
    }

    /// The file that the document at a byte was made from.
    pub(crate) fn rendered_from(&mut self, offset: usize) -> Option<String> {
        let known = self.last.as_ref();
        if let Some((_, file)) = known.filter(|(span, _)| span.contains(&offset)) {
            return file.clone();
        }
        let span = document(self.source, offset);
        let file = rendered_from(&self.source[span.clone()]);
        self.last = Some((span, file.clone()));
        file
    }
}

/// The document that a byte stands in.
fn document(source: &str, offset: usize) -> Range<usize> {
    let is_marker = |at: usize| {
        let rest = &source.as_bytes()[at..];
        rest.starts_with(b"---") && matches!(rest.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    };
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let begins_line = |at: usize| at == 0 || source.as_bytes()[at - 1] == b'\n';
    let above = source[..offset].rmatch_indices("\n---");
    let start = Some(offset)
        .filter(|&at| begins_line(at) && is_marker(at))
        .or_else(|| above.map(|(at, _)| at + 1).find(|&at| is_marker(at)))
        .unwrap_or(0);
    let below = source[offset..].match_indices("\n---");
    let end = below
        .map(|(at, _)| offset + at + 1)
        .find(|&at| is_marker(at))
        .unwrap_or(source.len());
    start..end
}

/// The file that a document names as its own: Helm in a comment at its start, kustomize in an
/// annotation.
fn rendered_from(document: &str) -> Option<String> {
    let head = document.trim_start_matches('\u{feff}').lines();
    let comments = head.take_while(|line| {
        line.trim().is_empty() || line.starts_with('#') || line.starts_with("---")
    });
    let helm = comments
        .filter_map(|line| line.strip_prefix("# Source: "))
        .last();
    let file = helm.map(str::trim).or_else(|| origin(document));
    let file = file.or_else(|| postrender_filename(document))?;
    (!file.is_empty()).then(|| file.to_owned())
}

/// The file in kustomize's annotation, whose value is YAML of a few lines.
fn origin(document: &str) -> Option<&str> {
    let (_, value) = document.split_once("config.kubernetes.io/origin")?;
    // As far as the value could reach in a block, or in quotes with `\n` in them.
    let lines = value.lines().take(6).flat_map(|line| line.split("\\n"));
    let mut named = lines.filter_map(|line| {
        let line = line.trim_start_matches([' ', '"', '\'', ':', '|', '>', '-', '+']);
        line.strip_prefix("path:")
            .or_else(|| line.strip_prefix("configuredIn:"))
    });
    let file = named.next()?;
    Some(file.trim_matches([' ', '"', '\'', ',', '}']))
}

/// The file in the annotation that Helm 4 adds for its post-renderers.
fn postrender_filename(document: &str) -> Option<&str> {
    let (_, value) = document.split_once("postrenderer.helm.sh/postrender-filename")?;
    let file = value.trim_start_matches(['"', '\'', ':', ' ']);
    file.split(['"', '\'', ',', '}', '\n', '\r']).next()
}

#[cfg(test)]
mod tests {
    use super::Located;

    #[test]
    fn helm_and_kustomize_name_the_file() {
        let source = "---\n# Source: app/templates/a.yaml\nkind: A\nx: 1\n---\nkind: B\n---\n# c\n# Source: app/charts/b/templates/b.yaml\n\nkind: C\n---\nkind: D\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: base/d.yaml\n      repo: https://example.test/x\n---\nmetadata: {annotations: {\"config.kubernetes.io/origin\": \"path: base/e.yaml\\n\"}}\nkind: E\n---\nkind: G\nmetadata: {annotations: {postrenderer.helm.sh/postrender-filename: 'web/templates/g.yaml'}}\n---\nkind: H\nmetadata:\n  annotations:\n    postrenderer.helm.sh/postrender-filename: web/templates/h.yaml\n  name: h\n---\nkind: F\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      configuredIn: app/kustomization.yaml\n      configuredBy: {kind: SecretGenerator}\n";
        let mut located = Located::new(source);
        for (text, wanted) in [
            ("kind: A", Some("app/templates/a.yaml")),
            ("x: 1", Some("app/templates/a.yaml")),
            ("---\nkind: B", None),
            ("kind: B", None),
            ("kind: C", Some("app/charts/b/templates/b.yaml")),
            ("kind: D", Some("base/d.yaml")),
            ("kind: E", Some("base/e.yaml")),
            ("kind: G", Some("web/templates/g.yaml")),
            ("name: h", Some("web/templates/h.yaml")),
            ("kind: F", Some("app/kustomization.yaml")),
            ("kind: A", Some("app/templates/a.yaml")),
        ] {
            let at = source.find(text).unwrap_or_default();
            assert_eq!(located.rendered_from(at).as_deref(), wanted, "{text}");
        }
        assert_eq!(
            located.rendered_from(source.len()).as_deref(),
            Some("app/kustomization.yaml")
        );
        assert_eq!(Located::new("").rendered_from(5), None);
        // A comment further down is none of Helm's.
        let source = "kind: A\n# Source: x\nb: 1\n";
        assert_eq!(Located::new(source).rendered_from(0), None);
    }
}
