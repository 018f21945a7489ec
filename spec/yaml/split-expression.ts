/**
 * Inside { } and [ ] YAML splits at every comma that is not quoted: `{ minimize: clip(k, 0, 1), train: D }` has the
 * keys `minimize`, `0`, `1)` and `train`. Such pieces are joined again here, so that the one mistake gets one diagnostic
 * and the expression is still checked.
 */
import { isPair, isScalar, Pair, Scalar } from 'yaml';
import type { YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostic, SourceFile } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';

/** The pairs of a flow mapping, with the pieces of split expressions joined. */
export function joinPairs(file: SourceFile, map: YAMLMap, diagnostics: Diagnostic[]): Pair[] {
  const joined: Pair[] = [];
  for (let i = 0; i < map.items.length; i++) {
    const pair = map.items[i]!;
    const first = plainScalar(pair.value);
    let end: number | undefined;
    if (first !== undefined && openParentheses(sourceOf(file, first)) > 0) {
      let next = i + 1;
      for (; next < map.items.length; next++) {
        const piece = map.items[next]!;
        const key = plainScalar(piece.key);
        if (key === undefined || piece.value !== null) break;
        end = key.range![1];
        if (openParentheses(file.text.slice(first.range![0], end)) <= 0) {
          next += 1;
          break;
        }
      }
      if (end !== undefined) {
        const value = joinedScalar(file, first.range![0], end);
        const key = isScalar(pair.key) ? sourceOf(file, pair.key) : undefined;
        diagnostics.push(splitDiagnostic(file, first.range![0], end, '{ }', key));
        joined.push(new Pair(pair.key, value));
        i = next - 1;
        continue;
      }
    }
    joined.push(pair);
  }
  return joined;
}

/** The items of a flow sequence, with the pieces of split expressions joined. */
export function joinItems(file: SourceFile, sequence: YAMLSeq, diagnostics: Diagnostic[]): unknown[] {
  const joined: unknown[] = [];
  for (let i = 0; i < sequence.items.length; i++) {
    const item = sequence.items[i];
    const first = plainScalar(item);
    let end: number | undefined;
    let next = i + 1;
    if (first !== undefined && openParentheses(sourceOf(file, first)) > 0) {
      for (; next < sequence.items.length; next++) {
        const piece = plainScalar(sequence.items[next]);
        if (piece === undefined) break;
        end = piece.range![1];
        if (openParentheses(file.text.slice(first.range![0], end)) <= 0) {
          next += 1;
          break;
        }
      }
    }
    // An unclosed parenthesis among ordinary items is a mistake of another kind, told by the expression parser.
    if (
      first !== undefined &&
      end !== undefined &&
      openParentheses(file.text.slice(first.range![0], end)) === 0
    ) {
      diagnostics.push(splitDiagnostic(file, first.range![0], end, '[ ]', undefined));
      joined.push(joinedScalar(file, first.range![0], end));
      i = next - 1;
    } else {
      joined.push(item);
    }
  }
  return joined;
}

function splitDiagnostic(
  file: SourceFile,
  start: number,
  end: number,
  brackets: '{ }' | '[ ]',
  key: string | undefined,
): Diagnostic {
  const text = file.text.slice(start, end).replace(/\s+/g, ' ');
  const quoted = text.includes('"') ? `'${text}'` : `"${text}"`;
  return {
    code: 'yaml/split-expression',
    severity: 'error',
    message: `The commas cut ${quote(text)} into pieces`,
    span: { file, start, end },
    note: `Inside \`${brackets}\` YAML ends a value at every comma that is not in quotes.`,
    help: `Put the expression in quotes: \`${key === undefined ? '' : `${key}: `}${quoted}\`.`,
  };
}

function joinedScalar(file: SourceFile, start: number, end: number): Scalar<string> {
  const scalar = new Scalar(file.text.slice(start, end));
  scalar.type = 'PLAIN';
  scalar.range = [start, end, end];
  return scalar;
}

function plainScalar(node: unknown): Scalar | undefined {
  if (isPair(node) || !isScalar(node) || !node.range) return undefined;
  return node.type === undefined || node.type === 'PLAIN' ? node : undefined;
}

function sourceOf(file: SourceFile, scalar: Scalar): string {
  return scalar.range ? file.text.slice(scalar.range[0], scalar.range[1]) : '';
}

function openParentheses(text: string): number {
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
  }
  return depth;
}
