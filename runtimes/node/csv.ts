/** Comma-separated values (RFC 4180): fields may stand in double quotes, and a quote inside them is doubled. */

/** The text is not CSV; the message says where. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/** The fields of every row that is not empty, spaces around unquoted fields left out. Throws CsvError. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let line = 1;
  // A field, quoted or not, and what ends it.
  const field = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  const content = text.replace(/^\uFEFF/, '');
  while (field.lastIndex < content.length || row.length > 0) {
    const match = field.exec(content);
    if (match === null) throw new CsvError(`line ${line} has a double quote in the wrong place`);
    const [, quoted, plain, end] = match;
    row.push(quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'));
    line += (quoted?.match(/\n/g)?.length ?? 0) + (end === ',' ? 0 : 1);
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
