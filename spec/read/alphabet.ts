/**
 * The characters of a text, written as in the brackets of a regular expression: `a-z`, `A-Za-z .`. A dash at either end is
 * itself; nothing else is special. Characters are the code points of the text in Unicode's normal form C.
 */
import { quote } from '../diagnostics/quote.js';
import type { YamlNode } from '../yaml/node.js';
import type { Reader } from './reader.js';

/** Symbols are kept in 16 bits, and 0 is the padding. */
const MOST_CHARACTERS = 65_535;

export function readAlphabet(reader: Reader, node: YamlNode | undefined): readonly string[] {
  const { value, span } = reader.text(node);
  const refuse = (message: string, help: string): readonly string[] => {
    reader.report({ code: 'schema/value', severity: 'error', message, span, help });
    reader.missing();
    return [];
  };
  const written = [...value.normalize('NFC')];
  const characters = new Set<string>();
  for (let i = 0; i < written.length; i++) {
    const first = written[i]!;
    const isRange = written[i + 1] === '-' && i + 2 < written.length;
    const last = isRange ? written[i + 2]! : first;
    if (first.codePointAt(0)! > last.codePointAt(0)!) {
      return refuse(
        `The range \`${first}-${last}\` of \`alphabet\` runs backwards`,
        `Write \`${last}-${first}\`; a dash that is meant as itself stands first or last.`,
      );
    }
    for (let code = first.codePointAt(0)!; code <= last.codePointAt(0)!; code++) {
      const character = String.fromCodePoint(code);
      if (/\p{Cs}|[\n\r]/u.test(character)) {
        return refuse(
          '`alphabet` holds an end of line or half a character',
          'Leave it out: lines end by themselves.',
        );
      }
      if (characters.has(character)) {
        return refuse(`\`alphabet\` holds ${quote(character)} twice`, 'Name every character once.');
      }
      characters.add(character);
      if (characters.size > MOST_CHARACTERS) {
        return refuse(
          `\`alphabet\` has more than ${MOST_CHARACTERS} characters`,
          'Name fewer; lines with other characters are left out.',
        );
      }
    }
    if (isRange) i += 2;
  }
  return [...characters];
}
