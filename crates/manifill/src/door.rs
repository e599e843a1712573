//! The door by which a run came in.

use std::borrow::Cow;

/// The door by which a run came in. What a hint names has to be there: who has an Application and no
/// command line can set no flag.
///
/// ```
/// let options = manifill::Options::new().with_door(manifill::Door::Application);
/// assert_eq!(options.door, manifill::Door::Application);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Door {
    /// The command line, with its flags.
    #[default]
    CommandLine,
    /// An Application of Argo CD, with the parameters that its plugin has.
    Application,
    /// A KRM function, with the `functionConfig` that whoever runs it gives it.
    Function,
}

impl Door {
    /// A hint that names flags, in the words that this door has for them.
    pub(crate) fn reworded(self, hint: Cow<'static, str>) -> Cow<'static, str> {
        const FLAGS: [(&str, &str); 2] = [
            ("--escaped", "`escaped: true` in functionConfig's spec"),
            ("--strict", "`strict: true` in functionConfig's spec"),
        ];
        match self {
            Door::Function if hint.contains("--") => {
                let reword = |hint: String, (flag, word): (&str, &str)| hint.replace(flag, word);
                FLAGS.into_iter().fold(hint.into_owned(), reword).into()
            }
            _ => hint,
        }
    }
}
