//! The form for people who see it in Argo CD, as [`ErrorPage`] has it.

use manifill::{Plan, RenderError};
use manifill_argocd::ErrorPage;
use manifill_check::Checked;

use super::form::Form;
use super::told::{Level, Told};

/// Another form, for an app's run. It keeps everything to the end, to begin with what matters most.
pub(super) struct ArgoCd {
    /// How each thing looks.
    form: Box<dyn Form>,
    page: ErrorPage,
}

impl ArgoCd {
    /// The form for an app by its name as Argo CD gives it.
    pub(super) fn new(name: &str, form: Box<dyn Form>) -> Self {
        ArgoCd {
            form,
            page: ErrorPage::new(name),
        }
    }
}

impl Form for ArgoCd {
    fn tell(&mut self, told: Told) -> String {
        let is_error = told.level == Level::Error;
        let of_settings = told.kind == "settings" || told.setting.is_some();
        let further_places = told.further_places.len();
        let text = self.form.tell(told);
        if is_error {
            self.page.error(of_settings, further_places, text);
        } else {
            self.page.remark(text);
        }
        String::new()
    }

    fn count(&mut self, error: &RenderError) -> String {
        self.page.left_off(error.errors_left_off());
        String::new()
    }

    fn plan(&mut self, plan: &Plan<'_, '_>) -> String {
        self.form.plan(plan)
    }

    fn checked(&mut self, checked: &Checked) -> String {
        self.form.checked(checked)
    }

    fn end(&mut self) -> String {
        std::mem::replace(&mut self.page, ErrorPage::new("")).text() + &self.form.end()
    }
}
