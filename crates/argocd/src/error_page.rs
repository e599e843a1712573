//! Errors for people who see them in Argo CD: on one line of a page, cut off somewhere, and kept there
//! until a refresh.

use std::cmp::Reverse;

use crate::beginning::beginning;

/// How many errors are told, the others being counted, and how many remarks behind them.
const MOST: usize = 5;

/// The errors of an app as Argo CD is to show them: few, the first cause first, and how to refresh last.
///
/// ```
/// use manifill_argocd::ErrorPage;
///
/// let mut page = ErrorPage::new("team-a_web");
/// page.error(false, 0, "error: `db` has no key `usr`\n".to_owned());
/// page.error(true, 0, "error: OP_CONNECT_HOST is not set\n".to_owned());
/// assert_eq!(
///     page.text(),
///     "error: OP_CONNECT_HOST is not set\nerror: `db` has no key `usr`\n\
///      Argo CD keeps this error; when its cause is gone: argocd app get team-a/web --hard-refresh\n"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct ErrorPage {
    app: Option<String>,
    errors: Vec<Told>,
    remarks: Vec<String>,
    left_off: usize,
}

#[derive(Clone, Debug)]
struct Told {
    of_settings: bool,
    further_places: usize,
    text: String,
}

impl ErrorPage {
    /// A page for an app by its name as Argo CD gives it: `app`, or `namespace_app` where apps may lie
    /// in any namespace.
    pub fn new(name: &str) -> Self {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        // The command is there to be pasted: what is no name of an object is left out of it.
        let named = !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_part);
        ErrorPage {
            app: named.then(|| name.replacen('_', "/", 1)),
            errors: Vec::new(),
            remarks: Vec::new(),
            left_off: 0,
        }
    }

    /// Adds an error: whether it is about the settings, how many further places have it, and its text
    /// with the last line's end.
    pub fn error(&mut self, of_settings: bool, further_places: usize, text: String) {
        self.errors.push(Told {
            of_settings,
            further_places,
            text,
        });
    }

    /// Adds a warning or a note.
    pub fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// Says how many errors there are beside those added.
    pub fn left_off(&mut self, errors: usize) {
        self.left_off = errors;
    }

    /// Everything that is told. Without an error it is the remarks.
    pub fn text(self) -> String {
        self.text_within(usize::MAX)
    }

    /// The same in so many bytes: what is too long is cut before the last line.
    pub fn text_within(mut self, most: usize) -> String {
        if self.errors.is_empty() {
            return cut(self.remarks.concat(), most);
        }
        // What is wrong with the settings comes before what is wrong with a manifest, and what many
        // places need before what one needs.
        self.errors
            .sort_by_key(|told| (!told.of_settings, Reverse(told.further_places)));
        let more = self.errors.len().saturating_sub(MOST) + self.left_off;
        let errors = self.errors.into_iter().take(MOST);
        let mut text: String = errors.map(|told| told.text).collect();
        if more > 0 {
            let s = if more == 1 { "" } else { "s" };
            text += &format!(
                "and {more} more error{s}; `manifill plan` shows what is wrong with manifests\n"
            );
        }
        text.extend(self.remarks.into_iter().take(MOST));
        let app = self.app.as_deref().unwrap_or("APP");
        let last = format!(
            "Argo CD keeps this error; when its cause is gone: argocd app get {app} --hard-refresh\n"
        );
        cut(text, most.saturating_sub(last.len())) + &last
    }
}

/// The beginning of a text, on whole characters, with a mark where it ends.
fn cut(mut text: String, most: usize) -> String {
    const MARK: &str = "…\n";
    if text.len() > most {
        let room = most.saturating_sub(MARK.len());
        text.truncate(beginning(&text, room).len());
        text += MARK;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_keeps_its_last_line() {
        let mut page = ErrorPage::new("web");
        page.error(false, 0, format!("error: {}\n", "é".repeat(9000)));
        let text = page.text_within(8192);
        assert!(text.len() <= 8192 && text.len() > 8180, "{}", text.len());
        assert!(text.starts_with("error: éé"));
        assert!(text.ends_with("é…\nArgo CD keeps this error; when its cause is gone: argocd app get web --hard-refresh\n"));
    }

    #[test]
    fn what_is_no_name_is_not_told_as_one() {
        for (name, shown) in [("", "APP"), ("-x", "APP"), ("a b", "APP"), ("a_b", "a/b")] {
            let mut page = ErrorPage::new(name);
            page.error(false, 0, String::new());
            let text = page.text();
            assert!(text.contains(&format!("get {shown} --hard")), "{text}");
        }
    }
}
