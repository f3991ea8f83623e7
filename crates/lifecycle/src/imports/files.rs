//! The wrong rows of an import as a file, to be mended and imported again.

use directory::organisations;
use kernel::{Ctx, ImportId};
use store::{Store, StoreError};

use super::access::{self, AccessError};
use super::repo;
use super::texts::text_of_row;
use super::types::RowResult;
use crate::sheets::{File, Format, Language, WriteError, WrongRows};

const ROWS_PER_READ: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no plan yet, or no row is wrong.
    #[error("the import has no wrong rows")]
    NoWrongRows,
    #[error(transparent)]
    Sheet(#[from] WriteError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("could not read the rows")]
    Store(#[from] StoreError),
}
kernel::faults! { FileError:
    FileError::NoWrongRows => NotFound "import_no_wrong_rows",
    FileError::Sheet(inner) => inner,
    FileError::Access(inner) => inner,
    FileError::Store(inner) => inner,
}

/// The rows that were wrong, clashed or failed: their cells as they stood in the file, and a last column that says why. Password cells are
/// empty, because nothing keeps them.
pub async fn wrong_rows(store: &Store, ctx: &Ctx, id: ImportId, format: Format) -> Result<File, FileError> {
    let asking = ctx.clone();
    let (import, language) = store
        .read(move |tx| {
            let import = access::get(&asking, tx, id)?;
            let language = organisations::get(tx, asking.org)?.language;
            Ok::<_, FileError>((import, Language::of_tag(language.as_str())))
        })
        .await?;
    let layout = import.layout.filter(|_| import.planned_at.is_some()).ok_or(FileError::NoWrongRows)?;
    let mut file = WrongRows::new(format, &layout.columns, language, ctx.now)?;
    let org = ctx.org;
    let (mut after, mut written) = (0, 0);
    loop {
        let rows = store.read(move |tx| repo::rows::next_wrong(tx, org, id, after, ROWS_PER_READ)).await?;
        let Some(last) = rows.last() else { break };
        after = last.row_number;
        // Of a row that was taken back there is nothing to mend.
        for row in rows.iter().filter(|row| row.result != Some(RowResult::Undone)) {
            file.row(&row.cells, &text_of_row(&row.errors, language))?;
            written += 1;
        }
    }
    if written == 0 {
        return Err(FileError::NoWrongRows);
    }
    let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    let what = match language {
        Language::Chinese => "错误行",
        Language::English => "wrong rows",
    };
    Ok(File { name: format!("{stem} - {what}.{}", format.extension()), content_type: format.content_type(), bytes: file.finish()? })
}
