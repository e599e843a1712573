//! The door by which a run came in.

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
}
