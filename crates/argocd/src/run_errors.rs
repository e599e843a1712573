//! What went wrong in a run, as a page.

use manifill::settings::{ConfigError, ConfigErrors};
use manifill::{Diagnostic, RenderError, Report, Severity};

use crate::error_page::ErrorPage;

impl ErrorPage {
    /// Adds why nothing was rendered.
    pub fn add_run(&mut self, error: &RenderError) {
        for one in error.diagnostics() {
            self.add_finding(one);
        }
        self.left_off(error.errors_left_off());
    }

    /// Adds what is wrong with the settings.
    pub fn add_settings(&mut self, errors: &ConfigErrors) {
        for one in errors.iter() {
            self.error(true, 0, report(one));
        }
    }

    fn add_finding(&mut self, one: &Diagnostic) {
        let text = one.report().to_string();
        match one.severity {
            Severity::Error => {
                let of_settings = one.place.setting.is_some();
                self.error(of_settings, one.further_places.len(), text);
            }
            _ => self.remark(text),
        }
    }
}

fn report(error: &ConfigError) -> String {
    let file = error.file().map(|file| file.to_string_lossy());
    let place = file.as_deref().or(error.setting());
    let at = error.position().map(|at| (at.line, at.column));
    let report = Report {
        level: "error",
        message: error.to_string().into(),
        place: place.map(|place| (place, at)),
        hint: error.hint(),
        ..Report::default()
    };
    report.to_string()
}
