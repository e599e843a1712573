//! Messages of fixed words with names in them.

use std::fmt;

/// Writes a message with its names in place of `{}` and `{=}`; names left over follow in
/// brackets, so that none is lost.
pub(crate) fn fill(f: &mut fmt::Formatter<'_>, message: &str, names: &[String]) -> fmt::Result {
    let mut names = names.iter();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        f.write_str(before)?;
        let (bare, after) = match after.strip_prefix("=}") {
            Some(after) => (true, after),
            None => (false, after.strip_prefix('}').unwrap_or(after)),
        };
        match names.next() {
            Some(name) if bare => write!(f, "{}", Clean(name))?,
            Some(name) => write!(f, "`{}`", Clean(name))?,
            None => f.write_str("…")?,
        }
        rest = after;
    }
    f.write_str(rest)?;
    for name in names {
        write!(f, " (`{}`)", Clean(name))?;
    }
    Ok(())
}

/// A name with its control characters escaped, so that a message stays on its line.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.chars() {
            if part.is_control() {
                write!(f, "{}", part.escape_default())?;
            } else {
                fmt::Write::write_char(f, part)?;
            }
        }
        Ok(())
    }
}
