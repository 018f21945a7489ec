/** Looks for the bracket or quotation mark that was never closed: the YAML parser notices it only lines later. */

/** The innermost bracket or quotation mark of YAML that is open at `offset`. */
export function openAt(text: string, offset: number): number | undefined {
  const open: number[] = [];
  for (let at = 0; at < offset; at++) {
    const letter = text[at]!;
    const before = text[at - 1] ?? '\n';
    if (letter === '#' && /\s/.test(before)) {
      at = lineEndAt(text, at);
    } else if ((letter === '"' || letter === "'") && /[\s[{,:]/.test(before)) {
      const end = quoteEnd(text, at);
      if (end === undefined || end >= offset) return at;
      at = end;
    } else if (
      (letter === '[' || letter === '{') &&
      /(^|[:,[{-])\s*$/.test(text.slice(lineStartAt(text, at), at))
    ) {
      open.push(at);
    } else if (letter === ']' || letter === '}') {
      const matching = letter === ']' ? '[' : '{';
      if (open.length > 0 && text[open.at(-1)!] === matching) open.pop();
    }
  }
  return open.at(-1);
}

function lineStartAt(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function quoteEnd(text: string, start: number): number | undefined {
  const mark = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (mark === '"' && text[at] === '\\') at += 1;
    else if (text[at] === mark && mark === "'" && text[at + 1] === "'") at += 1;
    else if (text[at] === mark) return at;
  }
  return undefined;
}

export function lineEndAt(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline === -1 ? text.length : newline;
}
