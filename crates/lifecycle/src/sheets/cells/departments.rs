//! Paths of departments: `总院/内科/心血管内科`, several of them separated by `;` or a line break, the main one first.

use super::CellError;
use crate::sheets::ColumnKey;

/// As many as a member can be in.
const MAX_DEPARTMENTS: usize = 100;
/// As deep as the tree of departments may be.
const MAX_DEPTH: usize = 100;
const MAX_NAME_CHARS: usize = 64;

pub(super) fn read(text: &str) -> Result<Vec<Vec<String>>, CellError> {
    let invalid = || CellError::new(ColumnKey::Department, "department_path_invalid");
    let paths = split_departments(text).ok_or_else(invalid)?;
    if paths.len() > MAX_DEPARTMENTS || paths.iter().any(|path| path.len() > MAX_DEPTH) {
        return Err(invalid());
    }
    for (index, path) in paths.iter().enumerate() {
        if path.iter().any(|name| name.chars().any(char::is_control)) {
            return Err(invalid());
        }
        if let Some(long) = path.iter().find(|name| name.chars().count() > MAX_NAME_CHARS) {
            let short: String = long.chars().take(20).collect();
            return Err(CellError::new(ColumnKey::Department, "department_name_too_long")
                .with("name", format!("{short}…"))
                .with("limit", MAX_NAME_CHARS));
        }
        let folded = |path: &Vec<String>| path.iter().map(|name| kernel::fold(name)).collect::<Vec<_>>();
        if paths[..index].iter().any(|earlier| folded(earlier) == folded(path)) {
            return Err(CellError::new(ColumnKey::Department, "department_twice").with("path", path.join("/")));
        }
    }
    Ok(paths)
}

/// Splits a normalised cell into paths. `None` when a segment is empty. `/` alone is the root department, a path without segments.
///
/// A `;` or `\` that belongs to a name has a `\` before it, as [`join_departments`] writes it.
pub fn split_departments(text: &str) -> Option<Vec<Vec<String>>> {
    let mut cells = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek().is_some_and(|next| matches!(next, ';' | '\\')) => {
                cells.last_mut().expect("never empty").extend(characters.next());
            }
            ';' | '\n' | '\r' => cells.push(String::new()),
            _ => cells.last_mut().expect("never empty").push(character),
        }
    }
    let paths = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let paths: Option<Vec<Vec<String>>> = paths.map(split_path).collect();
    paths.filter(|paths| !paths.is_empty())
}

fn split_path(path: &str) -> Option<Vec<String>> {
    if path == "/" {
        return Some(Vec::new());
    }
    path.split('/').map(str::trim).map(|segment| if segment.is_empty() { None } else { Some(segment.to_owned()) }).collect()
}

/// The cell that [`split_departments`] reads as these paths.
pub fn join_departments<P: AsRef<[String]>>(paths: &[P]) -> String {
    let path = |path: &P| -> String {
        let path = path.as_ref();
        if path.is_empty() { "/".to_owned() } else { path.join("/").replace('\\', "\\\\").replace(';', "\\;") }
    };
    paths.iter().map(path).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Option<Vec<String>> {
        Some(split_departments(text)?.iter().map(|path| path.join("|")).collect())
    }

    #[test]
    fn several_departments_stand_in_one_cell_the_main_one_first() {
        assert_eq!(split("总院 / 内科").unwrap(), ["总院|内科"]);
        assert_eq!(split("A/B; C\nD/E;").unwrap(), ["A|B", "C", "D|E"]);
        assert_eq!(split("/").unwrap(), [""]);
        assert_eq!(split("A\\B").unwrap(), ["A\\B"]);
        for wrong in ["总院//骨科", "/总院", "总院/", "//", ";", "A; /B"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn joined_departments_are_split_into_the_same_paths() {
        let paths: Vec<Vec<String>> =
            [&["R;D", "a\\"][..], &[], &["\\;x"]].iter().map(|path| path.iter().map(|name| (*name).to_owned()).collect()).collect();
        assert_eq!(split_departments(&join_departments(&paths)).unwrap(), paths);
    }

    #[test]
    fn as_many_departments_are_read_as_a_member_can_be_in() {
        let paths: Vec<Vec<String>> = (0..MAX_DEPARTMENTS).map(|number| vec![number.to_string()]).collect();
        assert_eq!(read(&join_departments(&paths)).unwrap(), paths);
        assert_eq!(read(&format!("{}; one more", join_departments(&paths))).unwrap_err().code, "department_path_invalid");
    }

    #[test]
    fn a_department_named_twice_is_an_error() {
        assert_eq!(read("A/B; a / b").unwrap_err().code, "department_twice");
    }
}
