const largest = 64 * 1024 * 1024;

/** Why a file cannot be uploaded, as a text's key; undefined when it can. The server looks closer. */
export function fileProblem(file: { name: string; size: number }): string | undefined {
  const ending = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase();
  if (ending === "xls") return "imports.oldFormat";
  if (ending === undefined || !["xlsx", "csv", "txt"].includes(ending)) return "imports.wrongFormat";
  if (file.size === 0) return "imports.emptyFile";
  return file.size > largest ? "imports.tooLarge" : undefined;
}
