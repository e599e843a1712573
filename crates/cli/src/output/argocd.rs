//! The form for people who see it in Argo CD: on one line of a page, cut off somewhere, and kept there
//! until a refresh.

use std::cmp::Reverse;

use manifill::{Plan, RenderError};

use super::form::{Form, counted};
use super::told::{Level, Told};

/// How many errors are told, the others being counted, and how many remarks behind them.
const MOST: usize = 5;

/// Another form, for an app's run. It keeps everything to the end, to begin with what matters most.
pub(super) struct ArgoCd {
    /// How each thing looks.
    form: Box<dyn Form>,
    app: Option<String>,
    errors: Vec<Told>,
    others: Vec<Told>,
    left_off: usize,
}

impl ArgoCd {
    /// The form for an app by its name as Argo CD gives it: `app`, or `namespace_app` where apps may
    /// lie in any namespace.
    pub(super) fn new(name: &str, form: Box<dyn Form>) -> Self {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        // The command is there to be pasted: what is no name of an object is left out of it.
        let named = !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_part);
        ArgoCd {
            form,
            app: named.then(|| name.replacen('_', "/", 1)),
            errors: Vec::new(),
            others: Vec::new(),
            left_off: 0,
        }
    }
}

impl Form for ArgoCd {
    fn tell(&mut self, told: Told) -> String {
        match told.level {
            Level::Error => self.errors.push(told),
            _ => self.others.push(told),
        }
        String::new()
    }

    fn count(&mut self, error: &RenderError) -> String {
        self.left_off = error.errors_left_off();
        String::new()
    }

    fn plan(&mut self, plan: &Plan<'_, '_>) -> String {
        self.form.plan(plan)
    }

    fn end(&mut self) -> String {
        let failed = !self.errors.is_empty();
        // What is wrong with the settings comes before what is wrong with a manifest, and what many
        // places need before what one needs.
        self.errors.sort_by_key(|told| {
            let of_settings = told.kind == "settings" || told.setting.is_some();
            (!of_settings, Reverse(told.further_places.len()))
        });
        let more = self.errors.len().saturating_sub(MOST) + self.left_off;
        let mut text = String::new();
        for told in self.errors.drain(..).take(MOST) {
            text += &self.form.tell(told);
        }
        if more > 0 {
            let more = counted(more, "more error");
            text += &format!("and {more}; `manifill plan` shows what is wrong with manifests\n");
        }
        let most = if failed { MOST } else { usize::MAX };
        for told in self.others.drain(..).take(most) {
            text += &self.form.tell(told);
        }
        if failed {
            let app = self.app.as_deref().unwrap_or("APP");
            text += &format!(
                "Argo CD keeps this error; when its cause is gone: argocd app get {app} --hard-refresh\n"
            );
        }
        text + &self.form.end()
    }
}
