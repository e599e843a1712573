//! A literal block stays one wherever it can hold the value, and only the lines of the placeholder
//! change.
#![allow(clippy::unwrap_used)]

mod support;

use manifill_manifest::{Value, read};
use proptest::prelude::*;
use support::{MARK, fill_all, finished, judge, parse};

const PEM: &str = "-----BEGIN A-----\nQUJD\n-----END A-----\n";

#[test]
fn line_breaks_at_the_end_and_blank_lines_are_kept_by_the_indicator() {
    let inner = "  -----BEGIN A-----\n  QUJD\n  -----END A-----\n";
    for (place, value, wanted) in [
        // The blank line that is there is the one that is kept.
        (
            "kind: A\na: |\n  r: |\n  <x>\n\nb: c\n",
            PEM,
            format!("kind: A\na: |+\n  r: |\n{inner}\nb: c\n"),
        ),
        (
            "kind: A\na: |\n  <x>\nb: c\n",
            PEM,
            format!("kind: A\na: |+\n{inner}\nb: c\n"),
        ),
        (
            "kind: A\na: |-\n  <x>\n\n\nb: c\n",
            PEM,
            format!("kind: A\na: |\n{inner}\n\nb: c\n"),
        ),
        (
            "kind: A\na: |2- # c\n  <x>\nb: c\n",
            "v\n\n",
            "kind: A\na: |2+ # c\n  v\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\r\na: |\r\n  <x>\r\n\r\nb: c\r\n",
            "v\n\n",
            "kind: A\r\na: |+\r\n  v\r\n\r\n\r\nb: c\r\n".to_owned(),
        ),
        // Nothing can be done about blank lines that would become part of the value.
        (
            "kind: A\na: |\n  <x>\n\n\nb: c\n",
            "v\n",
            "kind: A\na: \"v\\n\\n\"\n\n\nb: c\n".to_owned(),
        ),
        // A line that becomes blank.
        (
            "kind: A\na: |\n  r:\n    <x>\n  s: t\nb: c\n",
            "",
            "kind: A\na: |\n  r:\n    \n  s: t\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: |\n  r:\n    <x>\nb: c\n",
            "",
            "kind: A\na: |\n  r:\n    \nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: |\n  r\n  <x>\nb: c\n",
            "",
            "kind: A\na: |+\n  r\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: |\n  r\n  <x>\n\nb: c\n",
            "",
            "kind: A\na: |+\n  r\n\nb: c\n".to_owned(),
        ),
        // Nothing but line breaks, or nothing.
        (
            "kind: A\na: |\n  <x>\nb: c\n",
            "",
            "kind: A\na: |+\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: |-\n  <x>\nb: c\n",
            "",
            "kind: A\na: |-\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: |\n  <x>\nb: c\n",
            "\n\n",
            "kind: A\na: |+\n\n\n\nb: c\n".to_owned(),
        ),
        // A folded block stays one around a line.
        (
            "kind: A\na: >-\n  <x>\n\nb: c\n",
            "v",
            "kind: A\na: >-\n  v\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: > # c\n  some\n  text <x> and\n  <x>\nb: c\n",
            "v: #\n",
            "kind: A\na: |+ # c\n  some text v: #\n   and v: #\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >-\n  some\n  text <x> and\n  <x>\nb: c\n",
            "v: #",
            "kind: A\na: >-\n  some\n  text v: # and\n  v: #\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >-\n  <x>\nb: c\n",
            "v\n",
            "kind: A\na: >\n  v\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >-\n  x\n\n  <x>\nb: c\n",
            "v",
            "kind: A\na: >-\n  x\n\n  v\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >\n  x\n\n    code <x>\n    <x> y\n  z\n\nb: c\n",
            "v: #",
            "kind: A\na: >\n  x\n\n    code v: #\n    v: # y\n  z\n\nb: c\n".to_owned(),
        ),
        // With lines of its own, the value reads as it is written.
        (
            "kind: A\na: >-\n  <x>\n\nb: c\n",
            PEM,
            "kind: A\na: |\n  -----BEGIN A-----\n  QUJD\n  -----END A-----\n\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >2- # c\n  x\n  <x>\n  y\nb: c\n",
            "v\n w",
            "kind: A\na: |2- # c\n  x v\n   w y\nb: c\n".to_owned(),
        ),
        (
            "kind: A\na: >\n  <x>\n",
            " v\n",
            "kind: A\na: \" v\\n\\n\"\n".to_owned(),
        ),
        (
            "kind: A\na: >\n  a <x>",
            "v\nw",
            "kind: A\na: |\n  a v\n  w".to_owned(),
        ),
        // A file without a line break at its end.
        (
            "kind: A\na: |\n  <x>",
            "v\n",
            "kind: A\na: |+\n  v\n\n".to_owned(),
        ),
        (
            "kind: A\na: |-\n  <x>",
            "v\n",
            "kind: A\na: |\n  v".to_owned(),
        ),
        (
            "kind: A\na: |+\n  <x>",
            "v",
            "kind: A\na: |+\n  v".to_owned(),
        ),
    ] {
        assert_eq!(fill_all(place, value), wanted, "{place:?} with {value:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_block_reads_back_and_only_the_lines_of_the_placeholder_change(
        indicator in prop::sample::select(vec![
            "|", "|-", "|+", "|2", "|2-", "|2+", "| # c", ">", ">-", ">+", ">2", ">2+", "> # c",
        ]),
        above in "(a\n|\n|  b\n){0,3}",
        lead in "(k: | {0,3})",
        tail in "( z)?",
        below in "(a\n|\n|   \n|  b\n){0,3}",
        blank in 0..4usize,
        after in prop::sample::select(vec!["b: c\n", "# c\nb: c\n", ""]),
        ended in any::<bool>(),
        eol in prop::sample::select(vec!["\n", "\r\n"]),
        value in "(v|w: 'x'|\n| |\t|\n\n|\"){0,6}",
    ) {
        let lines = format!("x\n{above}{lead}{MARK}{tail}\n{below}");
        let block: String = lines.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("  {line}\n"),
        }).collect();
        let mut place = format!("kind: A\na: {indicator}\n{block}{}{after}", "\n".repeat(blank));
        if after.is_empty() && blank == 0 && !ended {
            place.pop();
        }
        let place = place.replace('\n', eol);
        let result = fill_all(&place, &value);
        let text = |source: &str| match read(&finished(source)).unwrap().remove(0) {
            Value::Map(mut entries) => match entries.remove(1).1 {
                Value::Text(text) => text,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        let before = text(&place);
        let wanted = before.replace(MARK, &value);
        prop_assert_eq!(text(&result), wanted.as_str(), "{:?} gave {:?}", place, result);
        let events = judge(&finished(&result)).unwrap();
        let as_event = format!("={wanted}");
        prop_assert!(events.contains(&as_event), "{:?} gave {:?}", place, result);

        let header = result.lines().nth(1).unwrap();
        let folded = indicator.starts_with('>');
        let in_block = header.starts_with("a: |") || header.starts_with("a: >");
        // Folded lines go into one line of a literal block.
        let lines_stay = header.starts_with("a: >") || !folded;
        // What is below the placeholder, or blank, and what is above it stay.
        let mark = place.lines().position(|line| line.contains(MARK)).unwrap();
        if in_block && lines_stay {
            let says = |line: &&str| !line.trim().is_empty();
            let new: Vec<&str> = result.lines().skip(2).filter(says).collect();
            let above: Vec<&str> = place.lines().take(mark).skip(2).filter(says).collect();
            let below: Vec<&str> = place.lines().skip(mark + 1).filter(says).collect();
            prop_assert!(new.starts_with(&above) && new.ends_with(&below), "{place:?} gave {result:?}");
        }
        let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
        let ends_there = parse(&place).scalar(&place, 0).unwrap().value
            .trim_end_matches('\n').ends_with(MARK);
        // Blank lines below are counted from the last line that says something.
        let wide = |line: &str| line.len() > 2 || !line.trim().is_empty();
        let inside: Vec<&str> = place.lines().skip(2).take_while(|line| line.is_empty() || line.starts_with(' ')).collect();
        let there = inside.len() - inside.iter().rposition(|line| wide(line)).unwrap();
        let allowed = !value.contains('\t')
            && (!ends_there || breaks(&wanted) <= 1 && !indicator.contains('+') || breaks(&wanted) >= there);
        prop_assert!(in_block || !allowed, "{:?} with {:?} gave {:?}", place, value, result);
    }
}
