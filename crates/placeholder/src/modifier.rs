//! Modifiers: what is done with a value before it is put in place.

use std::fmt;

use crate::Span;
use crate::argument::{Misfit, joined, none, number, one_text};
use crate::derive::{self, DeriveForm};
use crate::error::{Mistake, PlaceholderErrorKind as Kind};
use crate::piece::Piece;

/// The widest indentation that `indent` and `nindent` take.
pub const MAX_INDENT: usize = 1000;

/// How many modifiers a placeholder has at most (rule R11): more than anybody needs, and too few to
/// make much of little.
pub const MAX_MODIFIERS: usize = 16;

/// One modifier of a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Modifier {
    /// What it does.
    pub kind: ModifierKind,
    /// Where its name and arguments stand.
    pub span: Span,
}

/// What a modifier does, with its arguments.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModifierKind {
    /// `base64encode`
    Base64Encode,
    /// `base64decode`
    Base64Decode,
    /// `jsonParse`
    JsonParse,
    /// `yamlParse`
    YamlParse,
    /// `sha256sum`
    Sha256Sum,
    /// `indent N`
    Indent(usize),
    /// `jsonPath EXPRESSION`
    JsonPath(String),
    /// `default "TEXT"`; `Debug` does not show the text.
    Default(String),
    /// `trim`
    Trim,
    /// `urlencode`
    UrlEncode,
    /// `toJson`
    ToJson,
    /// `toYaml`
    ToYaml,
    /// `nindent N`
    NIndent(usize),
    /// `sha512sum`
    Sha512Sum,
    /// `bcrypt [USER]`
    Bcrypt {
        /// The user of the htpasswd line `USER:HASH`; without one the result is the hash alone.
        user: Option<String>,
    },
    /// `unescape`
    Unescape,
    /// `jsonEscape`
    JsonEscape,
    /// `shellQuote`
    ShellQuote,
    /// `xmlEscape`
    XmlEscape,
    /// `derive "LABEL" [N] [FORM]`
    Derive {
        /// What the derived secret is for; another label gives another secret.
        label: String,
        /// What it looks like, and how long it is.
        form: DeriveForm,
    },
}

/// An argument of a modifier.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Argument<'m> {
    /// A number.
    Number(usize),
    /// A text; that of `default` may be a secret.
    Text(&'m str),
}

/// A modifier as documentation lists it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ModifierSpec {
    /// The name, in its only spelling.
    pub name: &'static str,
    /// The arguments: nothing, or such as `N` and `[USER]`.
    pub arguments: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    parse: for<'t> fn(Piece<'t>) -> Result<ModifierKind, Misfit<'t>>,
}

/// All modifiers: AVP's seven (its rules 31 to 39) and those that only manifill has.
pub const MODIFIERS: &[ModifierSpec] = &[
    ModifierSpec {
        name: "base64encode",
        arguments: "",
        summary: "the value in base64",
        parse: |arguments| none(arguments, ModifierKind::Base64Encode),
    },
    ModifierSpec {
        name: "base64decode",
        arguments: "",
        summary: "the value decoded from base64",
        parse: |arguments| none(arguments, ModifierKind::Base64Decode),
    },
    ModifierSpec {
        name: "jsonParse",
        arguments: "",
        summary: "the value as JSON, with its types",
        parse: |arguments| none(arguments, ModifierKind::JsonParse),
    },
    ModifierSpec {
        name: "yamlParse",
        arguments: "",
        summary: "the value as YAML 1.1, with its types",
        parse: |arguments| none(arguments, ModifierKind::YamlParse),
    },
    ModifierSpec {
        name: "jsonPath",
        arguments: "EXPRESSION",
        summary: "what kubectl's jsonpath finds in the value",
        parse: |arguments| joined(arguments).map(ModifierKind::JsonPath),
    },
    ModifierSpec {
        name: "indent",
        arguments: "N",
        summary: "N spaces before every line but the first",
        parse: |arguments| number(arguments, MAX_INDENT).map(ModifierKind::Indent),
    },
    ModifierSpec {
        name: "sha256sum",
        arguments: "",
        summary: "the SHA-256 of the value in hexadecimal digits",
        parse: |arguments| none(arguments, ModifierKind::Sha256Sum),
    },
    ModifierSpec {
        name: "default",
        arguments: "\"TEXT\"",
        summary: "TEXT if the item or its key is missing; the first modifier only",
        parse: |arguments| match one_text(arguments)? {
            Some(text) => Ok(ModifierKind::Default(text)),
            None => Err(Kind::InvalidParameters.into()),
        },
    },
    ModifierSpec {
        name: "trim",
        arguments: "",
        summary: "the value without white space at its ends",
        parse: |arguments| none(arguments, ModifierKind::Trim),
    },
    ModifierSpec {
        name: "urlencode",
        arguments: "",
        summary: "the value percent-encoded for a URL",
        parse: |arguments| none(arguments, ModifierKind::UrlEncode),
    },
    ModifierSpec {
        name: "toJson",
        arguments: "",
        summary: "the value as JSON text",
        parse: |arguments| none(arguments, ModifierKind::ToJson),
    },
    ModifierSpec {
        name: "toYaml",
        arguments: "",
        summary: "the value as YAML text",
        parse: |arguments| none(arguments, ModifierKind::ToYaml),
    },
    ModifierSpec {
        name: "nindent",
        arguments: "N",
        summary: "a line break, then N spaces before every line",
        parse: |arguments| number(arguments, MAX_INDENT).map(ModifierKind::NIndent),
    },
    ModifierSpec {
        name: "sha512sum",
        arguments: "",
        summary: "the SHA-512 of the value in hexadecimal digits",
        parse: |arguments| none(arguments, ModifierKind::Sha512Sum),
    },
    ModifierSpec {
        name: "bcrypt",
        arguments: "[USER]",
        summary: "the bcrypt hash of the value, as an htpasswd line if USER is given",
        parse: |arguments| {
            Ok(ModifierKind::Bcrypt {
                user: one_text(arguments)?,
            })
        },
    },
    ModifierSpec {
        name: "unescape",
        arguments: "",
        summary: "the value with \\n, \\r, \\t, \\\" and \\\\, kept as two characters, as what they mean",
        parse: |arguments| none(arguments, ModifierKind::Unescape),
    },
    ModifierSpec {
        name: "jsonEscape",
        arguments: "",
        summary: "the value escaped for the inside of a JSON string",
        parse: |arguments| none(arguments, ModifierKind::JsonEscape),
    },
    ModifierSpec {
        name: "shellQuote",
        arguments: "",
        summary: "the value in single quotes, as one word of a shell",
        parse: |arguments| none(arguments, ModifierKind::ShellQuote),
    },
    ModifierSpec {
        name: "xmlEscape",
        arguments: "",
        summary: "the value escaped for XML text and attributes",
        parse: |arguments| none(arguments, ModifierKind::XmlEscape),
    },
    ModifierSpec {
        name: "derive",
        arguments: "\"LABEL\" [N] [FORM]",
        summary: "a secret of N characters that LABEL and the value make: alnum, hex, base64 of N bytes, or uuid",
        parse: |arguments| {
            derive::parse(arguments).map(|(label, form)| ModifierKind::Derive { label, form })
        },
    },
];

impl ModifierKind {
    /// Its arguments, in their order.
    pub fn arguments(&self) -> Vec<Argument<'_>> {
        match self {
            ModifierKind::Indent(width) | ModifierKind::NIndent(width) => {
                vec![Argument::Number(*width)]
            }
            ModifierKind::JsonPath(text) | ModifierKind::Default(text) => {
                vec![Argument::Text(text)]
            }
            ModifierKind::Bcrypt { user } => user.iter().map(|user| Argument::Text(user)).collect(),
            ModifierKind::Derive { label, form } => {
                let number = form.number().map(Argument::Number);
                let name = (!form.is_alnum()).then(|| Argument::Text(form.name()));
                let label = Argument::Text(label);
                std::iter::once(label).chain(number).chain(name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The modifier's name.
    pub fn name(&self) -> &'static str {
        match self {
            ModifierKind::Base64Encode => "base64encode",
            ModifierKind::Base64Decode => "base64decode",
            ModifierKind::JsonParse => "jsonParse",
            ModifierKind::YamlParse => "yamlParse",
            ModifierKind::Sha256Sum => "sha256sum",
            ModifierKind::Indent(_) => "indent",
            ModifierKind::JsonPath(_) => "jsonPath",
            ModifierKind::Default(_) => "default",
            ModifierKind::Trim => "trim",
            ModifierKind::UrlEncode => "urlencode",
            ModifierKind::ToJson => "toJson",
            ModifierKind::ToYaml => "toYaml",
            ModifierKind::NIndent(_) => "nindent",
            ModifierKind::Sha512Sum => "sha512sum",
            ModifierKind::Bcrypt { .. } => "bcrypt",
            ModifierKind::Unescape => "unescape",
            ModifierKind::JsonEscape => "jsonEscape",
            ModifierKind::ShellQuote => "shellQuote",
            ModifierKind::XmlEscape => "xmlEscape",
            ModifierKind::Derive { .. } => "derive",
        }
    }
}

impl fmt::Debug for ModifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            ModifierKind::Indent(count) | ModifierKind::NIndent(count) => write!(f, " {count}"),
            ModifierKind::JsonPath(expression) => write!(f, " {expression:?}"),
            ModifierKind::Default(_) => f.write_str(" …"),
            ModifierKind::Bcrypt { user: Some(user) } => write!(f, " {user:?}"),
            ModifierKind::Derive { label, form } => write!(f, " {label:?} {form}"),
            _ => Ok(()),
        }
    }
}

impl ModifierSpec {
    /// How it is written, for hints.
    fn usage(&self) -> String {
        let name = self.name;
        match self.arguments {
            "" => format!("`{name}` takes no arguments"),
            "N" => format!("write `{name} N` with a number from 0 to {MAX_INDENT}"),
            arguments => format!("write `{name} {arguments}`"),
        }
    }
}

impl ModifierSpec {
    /// How it is written where the author escaped its double quotes, as JSON wants it.
    fn usage_in_json(&self) -> String {
        let name = self.name;
        match self.arguments {
            "\"TEXT\"" => format!("inside a JSON string write `{name} 'TEXT'`"),
            "[USER]" => format!("inside a JSON string write `{name} 'USER'`"),
            label if label.starts_with("\"LABEL\"") => {
                format!("inside a JSON string write `{name} 'LABEL' N`")
            }
            _ => self.usage(),
        }
    }
}

impl fmt::Debug for ModifierSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.arguments)
    }
}

/// A modifier and where its arguments stand.
pub(crate) struct Parsed {
    pub(crate) modifier: Modifier,
    pub(crate) arguments: Span,
}

/// Reads what stands between two `|`; `first` if no modifier stands before it.
pub(crate) fn parse(piece: Piece<'_>, first: bool) -> Result<Parsed, Mistake> {
    let piece = piece.trim();
    if piece.is_empty() {
        return Err(Mistake::at(Kind::EmptyModifier, piece));
    }
    let end = piece
        .text
        .find(char::is_whitespace)
        .unwrap_or(piece.text.len());
    let (name, arguments) = piece.split_at(end);
    let arguments = arguments.trim();
    let Some(spec) = MODIFIERS.iter().find(|spec| spec.name == name.text) else {
        // A forgotten word may have left the argument of `default` in the place of a name.
        let shown = if name.text.contains(['"', '\'']) {
            "…"
        } else {
            name.text
        };
        let names: Vec<&str> = MODIFIERS.iter().map(|spec| spec.name).collect();
        return Err(Mistake::at(Kind::UnknownModifier, name)
            .about(shown)
            .with_hint(format!("modifiers are {}", names.join(", "))));
    };
    let kind = (spec.parse)(arguments).map_err(|Misfit { kind, at, hint }| {
        let all = if arguments.is_empty() {
            name
        } else {
            arguments
        };
        let place = at.filter(|at| !at.is_empty()).unwrap_or(all);
        let mistake = Mistake::at(kind, place).about(spec.name);
        match (kind, hint) {
            (Kind::InvalidParameters, _) if arguments.text.starts_with("\\\"") => {
                mistake.with_hint(spec.usage_in_json())
            }
            (_, Some(hint)) => mistake.with_hint(hint.to_owned()),
            (Kind::InvalidParameters, None) => mistake.with_hint(spec.usage()),
            _ => mistake,
        }
    })?;
    if matches!(kind, ModifierKind::Default(_)) && !first {
        return Err(Mistake::at(Kind::LateDefault, name).about(spec.name));
    }
    Ok(Parsed {
        modifier: Modifier {
            kind,
            span: piece.span(),
        },
        arguments: arguments.span(),
    })
}
