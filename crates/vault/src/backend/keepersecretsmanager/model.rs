//! What Keeper answers, as far as it is used.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::crypto::{Key, decode};
use super::record::{Field, File, Record};
use crate::format::null::or_default;
use crate::{Exposed, SecretValue};

/// All that a request brings: records, and folders with records.
#[derive(Deserialize)]
struct SentAnswer {
    #[serde(default, deserialize_with = "or_default")]
    records: Vec<SentRecord>,
    #[serde(default, deserialize_with = "or_default")]
    folders: Vec<SentFolder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentFolder {
    #[serde(default, deserialize_with = "or_default")]
    folder_key: String,
    #[serde(default, deserialize_with = "or_default")]
    records: Vec<SentRecord>,
}

/// A record, sealed with its key, which is sealed with that of the application or of its folder.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentRecord {
    record_uid: String,
    #[serde(default, deserialize_with = "or_default")]
    record_key: String,
    #[serde(default, deserialize_with = "or_default")]
    data: String,
    #[serde(default)]
    revision: Option<u64>,
    #[serde(default, deserialize_with = "or_default")]
    files: Vec<SentFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentFile {
    file_uid: String,
    #[serde(default, deserialize_with = "or_default")]
    file_key: String,
    #[serde(default, deserialize_with = "or_default")]
    data: String,
    #[serde(default, deserialize_with = "or_default")]
    url: String,
}

/// What a record holds.
#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, deserialize_with = "or_default")]
    title: String,
    #[serde(default, deserialize_with = "secret")]
    notes: Zeroizing<String>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    fields: Vec<SentField<'a>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    custom: Vec<SentField<'a>>,
}

#[derive(Deserialize)]
struct SentField<'a> {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    kind: String,
    #[serde(default, deserialize_with = "or_default")]
    label: String,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// What the file's owner called it.
#[derive(Deserialize)]
struct FileNames {
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    title: String,
}

/// Why there is no record. The words are not kept.
#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(default, deserialize_with = "or_default")]
    result_code: String,
    #[serde(default, deserialize_with = "or_default")]
    error: String,
    /// The number of the key that the server wants, for `key`.
    #[serde(default)]
    pub(super) key_id: Option<u32>,
    /// Seconds, for `throttled`.
    #[serde(default)]
    pub(super) retry_after: Option<f64>,
}

impl Refusal {
    pub(super) fn code(&self) -> &str {
        match self.result_code.as_str() {
            "" => &self.error,
            code => code,
        }
    }
}

/// Reads an answer: each record by its UID, or nothing for one that cannot be opened. `None` if it has
/// another form.
pub(super) fn read(answer: &[u8], app_key: &Key) -> Option<Vec<(String, Option<Record>)>> {
    let sent: SentAnswer = serde_json::from_slice(answer).ok()?;
    let mut found = Vec::new();
    for record in sent.records {
        found.push(open(record, Some(app_key)));
    }
    for folder in sent.folders {
        let key = app_key.open_key(&folder.folder_key);
        let records = folder.records.into_iter();
        found.extend(records.map(|record| open(record, key.as_ref())));
    }
    Some(found)
}

fn open(sent: SentRecord, parent: Option<&Key>) -> (String, Option<Record>) {
    let uid = sent.record_uid.clone();
    let record = parent.and_then(|parent| record(sent, parent));
    (uid, record)
}

fn record(sent: SentRecord, parent: &Key) -> Option<Record> {
    // A record that is shared alone is sealed with the key of the application itself.
    let key = match sent.record_key.as_str() {
        "" => parent.clone(),
        sealed => parent.open_key(sealed)?,
    };
    let text = key.open(&decode(&sent.data)?)?;
    let content: Content<'_> = serde_json::from_slice(&text).ok()?;
    let fields = |sent: Vec<SentField<'_>>| sent.into_iter().map(field).collect::<Option<Vec<_>>>();
    let sent_files = sent.files.len();
    let files = sent.files.into_iter().filter_map(|sent| file(sent, &key));
    let files: Vec<File> = files.collect();
    Some(Record {
        uid: sent.record_uid,
        title: content.title,
        revision: sent.revision,
        notes: Some(content.notes.as_str())
            .filter(|notes| !notes.is_empty())
            .map(SecretValue::text),
        fields: fields(content.fields)?,
        custom: fields(content.custom)?,
        has_sealed_files: files.len() < sent_files,
        files,
    })
}

/// A field with what its list of values comes down to: none, the only one, or all of them.
fn field(sent: SentField<'_>) -> Option<Field> {
    let value = match sent.value {
        Some(raw) => SecretValue::from_json(raw.get())?,
        None => SecretValue::null(),
    };
    let value = match value.expose() {
        Exposed::List([]) => SecretValue::null(),
        Exposed::List([one]) => one.clone(),
        _ => value,
    };
    Some(Field {
        kind: sent.kind,
        label: sent.label,
        value: Some(value).filter(|value| !value.is_null()),
    })
}

fn file(sent: SentFile, record_key: &Key) -> Option<File> {
    let key = record_key.open_key(&sent.file_key)?;
    let names = key.open(&decode(&sent.data)?)?;
    let names: FileNames = serde_json::from_slice(&names).ok()?;
    Some(File {
        uid: sent.file_uid,
        name: names.name,
        title: names.title,
        key,
        url: sent.url,
    })
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;
    use crate::VaultErrorKind;

    #[test]
    fn a_file_that_cannot_be_opened_hides_no_field_and_is_not_missing() {
        let key = Key::random().unwrap();
        let text = json!({"title": "t", "fields": [{"type": "login", "value": ["svc"]}]});
        let sealed = STANDARD.encode(key.seal(text.to_string().as_bytes()).unwrap());
        for (files, is_missing) in [
            (json!([]), true),
            (
                json!([{"fileUid": "F1", "fileKey": "AAAA", "data": "AAAA"}]),
                false,
            ),
        ] {
            let record = json!({"recordUid": "R1", "data": sealed, "files": files});
            let answer = json!({ "records": [record] }).to_string();
            let found = read(answer.as_bytes(), &key).unwrap();
            let record = found[0].1.as_ref().unwrap();
            assert_eq!(record.keys(), ["login"]);
            assert!(matches!(record.find("login"), Some(Ok(_))));
            let error = record.find("a.pem").map(|found| found.err().unwrap());
            assert_eq!(error.is_none(), is_missing);
            if let Some(error) = error {
                assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
                let told = "the record has no field `a.pem`, and a file of it cannot be opened";
                assert_eq!(error.to_string(), told);
            }
        }
    }
}
