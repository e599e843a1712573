//! The elements of the XML of a database.

/// The elements that matter here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Meta,
    RecycleBin,
    Group,
    Entry,
    History,
    Id,
    Name,
    Field,
    File,
    Key,
    Value,
    Other,
}

impl Element {
    pub(super) fn called(name: &[u8]) -> Self {
        match name {
            b"Meta" => Element::Meta,
            b"RecycleBinUUID" => Element::RecycleBin,
            b"Group" => Element::Group,
            b"Entry" => Element::Entry,
            b"History" => Element::History,
            b"UUID" => Element::Id,
            b"Name" => Element::Name,
            b"String" => Element::Field,
            b"Binary" => Element::File,
            b"Key" => Element::Key,
            b"Value" => Element::Value,
            _ => Element::Other,
        }
    }
    /// Whether it is something of which a database may hold only so many.
    pub(super) fn is_part(self) -> bool {
        matches!(
            self,
            Element::Group | Element::Entry | Element::Field | Element::File
        )
    }
}
