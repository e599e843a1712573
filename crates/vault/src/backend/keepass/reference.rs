//! References from a field to that of another entry
//! ([KeePass](https://keepass.info/help/base/fieldrefs.html)).

use super::path::Id;

/// Where a value comes from that is not in its own place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The field of this name, of the entry with this id.
    Field(&'static str, Id),
    /// There is a reference, but of another form.
    Unknown,
}

const BEGIN: &str = "{REF:";

/// What a value refers to; `None` if it is no reference and holds none.
pub(super) fn of(value: &str) -> Option<Target> {
    // KeePass does not mind how its letters are written.
    let mut places = value.bytes().enumerate().filter(|(_, byte)| *byte == b'{');
    let begins = |place: usize| {
        let begin = value.as_bytes().get(place..place + BEGIN.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(BEGIN.as_bytes()))
    };
    places
        .any(|(place, _)| begins(place))
        .then(|| whole(value).unwrap_or(Target::Unknown))
}

/// Reads `{REF:P@I:…}`: a letter for the field that is wanted, one for where to look, which is the
/// id, and the id.
fn whole(value: &str) -> Option<Target> {
    let (begin, rest) = value.split_at_checked(BEGIN.len())?;
    let inner = rest.strip_suffix('}')?;
    let (wanted, id) = inner.split_once(':')?;
    let field = match wanted.to_ascii_uppercase().as_str() {
        "T@I" => "Title",
        "U@I" => "UserName",
        "P@I" => "Password",
        "A@I" => "URL",
        "N@I" => "Notes",
        _ => return None,
    };
    let id = Id::parse(id)?;
    begin
        .eq_ignore_ascii_case(BEGIN)
        .then_some(Target::Field(field, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_field_and_an_id() {
        let id = Id(*b"0123456789abcdef");
        for (value, field) in [
            ("{REF:P@I:30313233343536373839616263646566}", "Password"),
            ("{ref:u@i:30313233343536373839616263646566}", "UserName"),
            ("{REF:T@I:30313233343536373839616263646566}", "Title"),
            ("{REF:A@I:30313233343536373839616263646566}", "URL"),
            ("{REF:N@I:30313233343536373839616263646566}", "Notes"),
        ] {
            assert_eq!(of(value), Some(Target::Field(field, id)), "{value}");
        }
    }

    #[test]
    fn what_holds_another_reference_is_never_taken_for_a_value() {
        for value in [
            "x{REF:P@I:30313233343536373839616263646566}",
            "{REF:P@I:30313233343536373839616263646566} ",
            "{REF:P@T:database}",
            "{REF:O@I:30313233343536373839616263646566}",
            "{REF:P@I:3031}",
            "{{Ref:",
            "ü{REF:ü",
        ] {
            assert_eq!(of(value), Some(Target::Unknown), "{value}");
        }
        for value in ["", "{", "{REF", "{USERNAME}", "REF:P@I:", "{é{é"] {
            assert_eq!(of(value), None, "{value}");
        }
    }
}
