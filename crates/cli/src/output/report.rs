//! A second place for what is told: a file, for programs that throw standard error away.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anstream::adapter::strip_str;
use manifill::RenderError;

use super::form::Form;
use super::told::Told;

/// A file with all that was told, written at once when the run is over.
pub(super) struct Report {
    path: PathBuf,
    form: RefCell<Box<dyn Form>>,
    text: RefCell<String>,
}

impl Report {
    /// A report in this form.
    ///
    /// # Errors
    /// If the file cannot be written: that should show before anything else is done.
    pub(super) fn new(path: &Path, form: Box<dyn Form>) -> io::Result<Self> {
        // What is not a file would be replaced by one.
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other("it is not a file"));
        }
        temporary(path)?;
        Ok(Report {
            path: path.to_owned(),
            form: RefCell::new(form),
            text: RefCell::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn tell(&self, told: Told) {
        let text = self.form.borrow_mut().tell(told);
        self.add(&text);
    }

    pub(super) fn count(&self, error: &RenderError) {
        let text = self.form.borrow_mut().count(error);
        self.add(&text);
    }

    fn add(&self, text: &str) {
        // Colours are for terminals.
        let plain = strip_str(text).to_string();
        self.text.borrow_mut().push_str(&plain);
    }

    /// Writes the file, whole or not at all, closed to others.
    pub(super) fn write(&self) -> io::Result<()> {
        let end = self.form.borrow_mut().end();
        self.add(&end);
        let mut file = temporary(&self.path)?;
        file.write_all(self.text.borrow().as_bytes())?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// A file beside the one that it is to become.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".manifill-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}
