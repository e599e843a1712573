//! Every place of a value with every nasty value, judged by a parser that shares no code with
//! ours and by the typed reading of YAML 1.1.
#![allow(clippy::unwrap_used)]

mod support;

use manifill_manifest::{Value, read, split};
use support::{MARK, PLACES, fill_all, finished, is_json, judge, parse, secrets};

/// The value with the mark replaced in every text.
fn replaced(value: &Value, text: &str) -> Value {
    match value {
        Value::Text(old) => Value::Text(old.replace(MARK, text)),
        Value::List(items) => Value::List(items.iter().map(|one| replaced(one, text)).collect()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), replaced(value, text)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Whether the judge reads what it must.
fn agrees(source: &str, text: &str, found: &[String]) -> bool {
    let document = parse(source);
    let mut values = document.scalars(source).map(|one| one.value);
    let wanted = judge(&finished(source)).unwrap();
    wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| {
            if !wanted.contains(MARK) {
                return wanted == found;
            }
            *found == format!("={}", values.next().unwrap().replace(MARK, text))
        })
}

#[test]
fn every_value_reads_back_in_every_place() {
    let secrets = secrets();
    assert!(PLACES.len() >= 67 && secrets.len() >= 78);
    let mut wrong = Vec::new();
    for place in PLACES {
        assert_eq!(split(place).len(), 1, "{place:?}");
        let before = read(&finished(place)).unwrap();
        for secret in &secrets {
            let result = fill_all(place, secret);
            let report = |what: &str| format!("{what}: {place:?} with {secret:?} gave {result:?}");
            match judge(&finished(&result)) {
                Ok(events) if agrees(place, secret, &events) => {}
                Ok(events) => wrong.push(report(&format!("judge {events:?}"))),
                Err(error) => wrong.push(report(&error)),
            }
            let wanted: Vec<Value> = before.iter().map(|one| replaced(one, secret)).collect();
            if read(&finished(&result)).ok() != Some(wanted) {
                wrong.push(report("YAML 1.1"));
            }
            if is_json(place) && serde_json::from_str::<serde_json::Value>(&result).is_err() {
                wrong.push(report("JSON"));
            }
            if split(&result).len() != 1 {
                wrong.push(report("split"));
            }
        }
    }
    let shown: Vec<&String> = wrong.iter().take(10).collect();
    assert!(wrong.is_empty(), "{} wrong: {shown:#?}", wrong.len());
}

#[test]
fn bytes_outside_the_scalars_stay() {
    for place in PLACES {
        let document = parse(place);
        let result = fill_all(place, "s3cr3t");
        let first = document.scalar(place, 0).unwrap().span.start;
        assert_eq!(result[..first], place[..first], "{place:?}");
        let last = document.scalars(place).next_back().unwrap();
        let tail = &place[last.span.end..];
        assert!(result.ends_with(tail), "{place:?} gave {result:?}");
    }
}

#[test]
fn a_megabyte_fits_everywhere() {
    let secret = "x: 'é' \\ \"\n".repeat(100_000);
    for place in [
        "kind: A\nx: <x>\ny: 1\n",
        "kind: A\nx: |\n  <x>\ny: 1\n",
        "{\"kind\":\"A\",\"x\":\"<x>\"}",
    ] {
        let result = fill_all(place, &secret);
        let wanted: Vec<Value> = read(place)
            .unwrap()
            .iter()
            .map(|one| replaced(one, &secret))
            .collect();
        assert!(read(&result).unwrap() == wanted, "{place:?}");
    }
}
