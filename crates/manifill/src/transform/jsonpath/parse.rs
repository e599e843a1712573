//! Reading an expression.

use super::JsonPathError as Error;

/// Ranges and filters may be nested this deep.
const MAX_DEPTH: usize = 32;

/// A piece of an expression, in the order of printing.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Print(Path),
    Range { over: Path, body: Vec<Piece> },
}

/// What an action selects: each selector is applied to the results of the one before.
pub(super) type Path = Vec<Selector>;

#[derive(Debug, PartialEq)]
pub(super) enum Selector {
    Field(String),
    /// A quoted key with dots, which kubectl reads as a path: the path if it leads somewhere, else
    /// the key.
    Quoted {
        path: Path,
        key: String,
    },
    Wildcard,
    Recursive,
    Slice(Slice),
    Union(Vec<Selector>),
    Filter {
        left: Path,
        test: Option<(Operator, Path)>,
    },
    Text(String),
    Number(String),
    Bool(bool),
}

/// `[start:end:step]`; `[start]` is one element.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: Option<i64>,
    pub(super) single: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where a path ends.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Action,
    Filter,
}

pub(super) fn parse(expression: &str) -> Result<Vec<Piece>, Error> {
    let mut parser = Parser {
        rest: expression,
        depth: 0,
    };
    // The pieces of the open ranges, the outermost first, each with what it ranges over.
    let mut open: Vec<(Path, Vec<Piece>)> = Vec::new();
    let mut pieces = Vec::new();
    while let Some((text, rest)) = parser.rest.split_once('{') {
        push_text(&mut pieces, text);
        parser.rest = rest;
        match parser.action()? {
            Action::Print(path) => pieces.push(Piece::Print(path)),
            Action::Range(_) if open.len() >= MAX_DEPTH => return Err(Error::TooDeep),
            Action::Range(over) => open.push((over, std::mem::take(&mut pieces))),
            Action::End => {
                let (over, outer) = open.pop().ok_or(Error::NotInRange)?;
                let body = std::mem::replace(&mut pieces, outer);
                pieces.push(Piece::Range { over, body });
            }
        }
    }
    push_text(&mut pieces, parser.rest);
    if open.is_empty() {
        Ok(pieces)
    } else {
        Err(Error::UnclosedRange)
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

enum Action {
    Print(Path),
    Range(Path),
    End,
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Reads up to and with the `}`.
    fn action(&mut self) -> Result<Action, Error> {
        self.rest = self.rest.trim_start_matches(' ');
        let before = self.rest;
        let word = match self.peek() {
            Some(c) if is_word(c) && !c.is_ascii_digit() => self.word(Inside::Action),
            _ => "",
        };
        if !matches!(word, "range" | "end") {
            self.rest = before;
        }
        let path = self.path(Inside::Action)?;
        self.bump();
        match word {
            "range" => Ok(Action::Range(path)),
            "end" if path.is_empty() => Ok(Action::End),
            "end" => Err(Error::Identifier("end".to_owned())),
            _ => Ok(Action::Print(path)),
        }
    }

    /// Reads selectors up to what ends the path, which is left.
    fn path(&mut self, inside: Inside) -> Result<Path, Error> {
        let mut path = Path::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(inside.unclosed());
            };
            match c {
                '\n' | '\r' => return Err(inside.unclosed()),
                '}' if inside == Inside::Action => return Ok(path),
                '}' | ']' if inside == Inside::Filter => return Err(inside.unclosed()),
                ')' if inside == Inside::Filter => return Ok(path),
                c if inside == Inside::Filter && is_operator(c) => return Ok(path),
                ' ' | '@' | '$' => self.bump(),
                '.' if self.eat("..") => {
                    if path.last() == Some(&Selector::Recursive) {
                        return Err(Error::Recursion);
                    }
                    path.push(Selector::Recursive);
                    if self.peek().is_some_and(|c| is_word(c) || c == '*') {
                        path.extend(self.field(inside));
                    }
                }
                '.' => {
                    self.bump();
                    path.extend(self.field(inside));
                }
                '[' if self.eat("[?(") => path.push(self.filter()?),
                '[' => {
                    self.bump();
                    path.push(self.brackets()?);
                }
                '"' | '\'' => path.push(Selector::Text(self.quoted()?)),
                '+' | '-' | '0'..='9' => path.push(Selector::Number(self.number()?)),
                c if is_word(c) => match self.word(inside) {
                    "true" => path.push(Selector::Bool(true)),
                    "false" => path.push(Selector::Bool(false)),
                    word => return Err(Error::Identifier(word.to_owned())),
                },
                c => return Err(Error::Character(c)),
            }
        }
    }

    /// Reads what follows a dot; nothing there means the current value.
    fn field(&mut self, inside: Inside) -> Option<Selector> {
        let mut name = String::new();
        let mut escaped = false;
        while let Some(c) = self.peek() {
            if !escaped && inside.ends_name(c) {
                break;
            }
            self.bump();
            escaped = c == '\\' && !escaped;
            if !escaped {
                name.push(c);
            }
        }
        match name.as_str() {
            "" => None,
            "*" => Some(Selector::Wildcard),
            _ => Some(Selector::Field(name)),
        }
    }

    /// Reads up to and with the `]`.
    fn brackets(&mut self) -> Result<Selector, Error> {
        let mut selectors = Vec::new();
        let mut quote = None;
        let mut escaped = false;
        let mut start = self.rest;
        loop {
            let c = match self.peek() {
                None | Some('\n') => return Err(Error::UnterminatedArray),
                Some(c) => c,
            };
            let item = &start[..start.len() - self.rest.len()];
            self.bump();
            match (quote, c) {
                _ if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, ',' | ']') => {
                    selectors.push(bracket_item(item)?);
                    start = self.rest;
                    if c == ']' {
                        break;
                    }
                }
                _ => {}
            }
        }
        match selectors.pop() {
            Some(only) if selectors.is_empty() => Ok(only),
            last => {
                selectors.extend(last);
                Ok(Selector::Union(selectors))
            }
        }
    }

    /// Reads up to and with the `)]`.
    fn filter(&mut self) -> Result<Selector, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let left = self.path(Inside::Filter)?;
        let operator = self.take_while(is_operator);
        let test = match operator {
            "" => None,
            _ => {
                let operator = match operator {
                    "==" => Operator::Equal,
                    "!=" => Operator::NotEqual,
                    "<" => Operator::Less,
                    "<=" => Operator::LessOrEqual,
                    ">" => Operator::Greater,
                    ">=" => Operator::GreaterOrEqual,
                    "!" if left.is_empty() => return Err(Error::Character('!')),
                    other => return Err(Error::Operator(other.to_owned())),
                };
                let right = self.path(Inside::Filter)?;
                if let Some(c) = self.peek().filter(|c| is_operator(*c)) {
                    return Err(Error::Character(c));
                }
                Some((operator, right))
            }
        };
        self.depth -= 1;
        self.bump();
        if self.eat("]") {
            Ok(Selector::Filter { left, test })
        } else {
            Err(Error::UnclosedFilter)
        }
    }

    /// Reads a quoted text with the escapes of Go.
    fn quoted(&mut self) -> Result<String, Error> {
        let quote = self.peek();
        self.bump();
        let mut bytes = Vec::new();
        loop {
            let c = match self.peek() {
                None | Some('\n') => return Err(Error::UnterminatedQuote),
                c if c == quote => {
                    self.bump();
                    return String::from_utf8(bytes).map_err(|_| Error::Escape);
                }
                Some(c) => c,
            };
            self.bump();
            if c == '\\' {
                self.escape(&mut bytes)?;
            } else {
                push_char(c, &mut bytes);
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let c = self.peek().ok_or(Error::UnterminatedQuote)?;
        if matches!(c, '0'..='7') {
            let byte = self.code(3, 8)?;
            bytes.push(u8::try_from(byte).map_err(|_| Error::Escape)?);
            return Ok(());
        }
        self.bump();
        match c {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            't' => bytes.push(b'\t'),
            'n' => bytes.push(b'\n'),
            'v' => bytes.push(11),
            'f' => bytes.push(12),
            'r' => bytes.push(b'\r'),
            '\\' | '"' | '\'' => push_char(c, bytes),
            // A byte, not a character: `\xc3\xa9` is `é`.
            'x' => bytes.push(u8::try_from(self.code(2, 16)?).map_err(|_| Error::Escape)?),
            'u' => push_char(
                char::from_u32(self.code(4, 16)?).ok_or(Error::Escape)?,
                bytes,
            ),
            'U' => push_char(
                char::from_u32(self.code(8, 16)?).ok_or(Error::Escape)?,
                bytes,
            ),
            _ => return Err(Error::Escape),
        }
        Ok(())
    }

    fn code(&mut self, length: usize, radix: u32) -> Result<u32, Error> {
        let digits = self.rest.get(..length).ok_or(Error::Escape)?;
        if !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
            return Err(Error::Escape);
        }
        self.rest = &self.rest[length..];
        u32::from_str_radix(digits, radix).map_err(|_| Error::Escape)
    }

    /// Reads a number and writes it as JSON would.
    fn number(&mut self) -> Result<String, Error> {
        let before = self.rest;
        let negative = self.eat("-");
        if !negative {
            self.eat("+");
        }
        let digits = self.take_while(|c| c == '.' || c.is_ascii_digit());
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            let written = &before[..before.len() - self.rest.len()];
            return Err(Error::Number(written.to_owned()));
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let sign = if negative { "-" } else { "" };
        let dot = if fraction.is_empty() { "" } else { "." };
        Ok(format!("{sign}{whole}{dot}{fraction}"))
    }

    fn word(&mut self, inside: Inside) -> &'a str {
        self.take_while(|c| !inside.ends_name(c))
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

impl Inside {
    fn unclosed(self) -> Error {
        match self {
            Inside::Action => Error::UnclosedAction,
            Inside::Filter => Error::UnterminatedFilter,
        }
    }

    fn ends_name(self, c: char) -> bool {
        matches!(
            c,
            ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}'
        ) || (self == Inside::Filter && (c == ')' || is_operator(c)))
    }
}

/// Reads one of the things that stand in brackets, between commas.
fn bracket_item(item: &str) -> Result<Selector, Error> {
    let item = item.trim_matches(' ');
    let quoted = |quote| {
        item.strip_prefix(quote)
            .and_then(|item| item.strip_suffix(quote))
    };
    if let Some(key) = quoted('\'').or_else(|| quoted('"')) {
        return Ok(quoted_key(key));
    }
    if item == "*" {
        return Ok(Selector::Slice(Slice::default()));
    }
    let wrong = || Error::Index(item.to_owned());
    let mut numbers = [None; 3];
    let mut count = 0;
    for part in item.split(':') {
        let number = numbers.get_mut(count).ok_or_else(wrong)?;
        count += 1;
        if part.starts_with('+') {
            return Err(wrong());
        }
        if !part.is_empty() {
            *number = Some(part.parse().map_err(|_| wrong())?);
        }
    }
    let [start, end, step] = numbers;
    Ok(Selector::Slice(Slice {
        start,
        end,
        step,
        single: count == 1,
    }))
}

/// Reads a key in quotes, in which a backslash protects what follows it.
fn quoted_key(quoted: &str) -> Selector {
    let mut names = vec![String::new()];
    let mut escaped = false;
    for c in quoted.chars() {
        if c == '.' && !escaped {
            names.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(name) = names.last_mut().filter(|_| !escaped) {
            name.push(c);
        }
    }
    let key = names.join(".");
    if names.iter().any(String::is_empty) || (names.len() == 1 && key != "*") {
        return Selector::Field(key);
    }
    let path = names.into_iter().map(|name| match name.as_str() {
        "*" => Selector::Wildcard,
        _ => Selector::Field(name),
    });
    Selector::Quoted {
        path: path.collect(),
        key,
    }
}

fn push_char(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_operator(c: char) -> bool {
    matches!(c, '!' | '<' | '>' | '=')
}
