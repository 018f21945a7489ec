/** Cuts the text of an expression into numbers, names, strings and operators. */
import { quote } from '../diagnostics/quote.js';
import { ExpressionFailure } from './failure.js';
import type { FailureText, TextRange } from './failure.js';

export interface Token extends TextRange {
  readonly kind: 'number' | 'name' | 'string' | 'operator' | 'end';
  /** As written; of a string, its content. */
  readonly text: string;
}

// Longest first.
const OPERATORS = [
  '**', '<=', '>=', '==', '!=', '&&', '||',
  '+', '-', '*', '/', '%', '<', '>', '!', '(', ')', '[', ']', ',', '=', '.',
]; // prettier-ignore

const SPACE = /[ \t\r\n]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(SPACE)?.length ?? 0;
    if (at >= text.length) {
      tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
      return tokens;
    }
    const number = match(NUMBER);
    const name = number === undefined ? match(NAME) : undefined;
    const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
    const start = at;
    if (number !== undefined) {
      at += number.length;
      checkNumber(text, number, start, match(NAME));
      tokens.push({ kind: 'number', text: number, start, end: at });
    } else if (name !== undefined) {
      at += name.length;
      tokens.push({ kind: 'name', text: name, start, end: at });
    } else if (text[at] === '"' || text[at] === "'") {
      at = stringEnd(text, at);
      tokens.push({ kind: 'string', text: text.slice(start + 1, at - 1), start, end: at });
    } else if (operator !== undefined) {
      at += operator.length;
      tokens.push({ kind: 'operator', text: operator, start, end: at });
    } else {
      const letter = String.fromCodePoint(text.codePointAt(at)!);
      throw new ExpressionFailure({ start, end: start + letter.length }, explainLetter(letter));
    }
  }
}

function checkNumber(text: string, number: string, start: number, following: string | undefined): void {
  const end = start + number.length;
  if (following !== undefined) {
    const range = { start, end: end + following.length };
    if (/^[0-9]+$/.test(number) && /^(_[0-9]+)+$/.test(following)) {
      const plain = number + following.replaceAll('_', '');
      throw new ExpressionFailure(range, {
        message: `${quote(number + following)} is not a number`,
        help: `Write the digits without \`_\`: \`${plain}\`.`,
      });
    }
    if (/^[eE]$/.test(following)) {
      throw new ExpressionFailure(range, {
        message: `The number ${quote(number + following)} has no exponent after \`${following}\``,
        help: `Write \`${number}e-4\`, for example.`,
      });
    }
    throw new ExpressionFailure(range, {
      message: `The number ${quote(number)} runs into the name ${quote(following)}`,
      note: 'A product is never left unwritten.',
      help: /^[0-9]+x[0-9]+$/.test(number + following)
        ? `Two sizes are a list: \`[${number}, ${following.slice(1)}]\`.`
        : `Write \`${number} * ${following}\`.`,
    });
  }
  if (/[.0-9]/.test(text[end] ?? '')) {
    const rest = /^[.0-9]+/.exec(text.slice(end))![0];
    throw new ExpressionFailure(
      { start, end: end + rest.length },
      { message: `${quote(number + rest)} is not a number`, help: 'A number has one decimal point: `0.5`.' },
    );
  }
  if (!Number.isFinite(Number(number))) {
    throw new ExpressionFailure(
      { start, end },
      { message: `The number ${quote(number)} is too large`, note: 'The largest number is about 1.8e308.' },
    );
  }
}

function stringEnd(text: string, start: number): number {
  const mark = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === mark) return at + 1;
    if (text[at] === '\n') break;
  }
  throw new ExpressionFailure(
    { start, end: start + 1 },
    {
      message: 'A quotation mark is never closed',
      help: `Add \`${mark}\` behind the last letter of the text.`,
    },
  );
}

/** What people type, or paste from a paper, and what it is here. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  '^': '**', '×': '*', '·': '*', '∗': '*', '⋅': '*', '−': '-', '–': '-', '—': '-', '÷': '/', '∕': '/',
  '≤': '<=', '≥': '>=', '≠': '!=', '²': '**2', '³': '**3', '½': '0.5', '&': '&&', '|': '||', '∧': '&&', '∨': '||', '¬': '!',
  '“': '"', '”': '"', '„': '"', '‘': "'", '’': "'", '，': ',', '（': '(', '）': ')',
  '∞': '1e30', '∥': 'norm(...)', '‖': 'norm(...)', '√': 'sqrt(...)', '∑': 'sum(...)', 'Σ': 'sum(...)', '∇': 'grad(...)',
}; // prettier-ignore

const GREEK: Readonly<Record<string, string>> = {
  α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon', ϵ: 'epsilon', ζ: 'zeta', η: 'eta', θ: 'theta', κ: 'kappa',
  λ: 'lambda', μ: 'mu', µ: 'mu', ν: 'nu', ξ: 'xi', π: 'pi', ρ: 'rho', σ: 'sigma', τ: 'tau', φ: 'phi', χ: 'chi', ψ: 'psi',
  ω: 'omega', Γ: 'Gamma', Δ: 'Delta', Θ: 'Theta', Λ: 'Lambda', Φ: 'Phi', Ψ: 'Psi', Ω: 'Omega',
}; // prettier-ignore

function explainLetter(letter: string): FailureText {
  const replacement = REPLACEMENTS[letter];
  if (letter === '^') {
    return { message: '`^` is not an operator', help: 'Powers are written with two stars: `x**2`.' };
  }
  if (replacement !== undefined) {
    return { message: `\`${letter}\` is not part of the language`, help: `Write \`${replacement}\`.` };
  }
  const greek = GREEK[letter];
  if (greek !== undefined) {
    return {
      message: `The letter \`${letter}\` cannot be part of a name`,
      note: 'Names are made of the letters a-z and A-Z, digits and `_`.',
      help: `Write \`${greek}\`.`,
    };
  }
  switch (letter) {
    case '?':
    case ':':
      return {
        message: `\`${letter}\` is not an operator`,
        help: 'A choice between two values is written `where(condition, a, b)`.',
      };
    case '{':
    case '}':
      return {
        message: `\`${letter}\` cannot stand in an expression`,
        help: 'Group with parentheses: `(a + b) * c`.',
      };
    case ';':
      return { message: '`;` cannot stand in an expression', help: 'Separate arguments with commas.' };
    case '#':
      return {
        message: '`#` cannot stand in an expression',
        note: 'A YAML comment starts with a space and `#`, and not inside quotes or block text.',
        help: 'Move the comment to a line of its own.',
      };
    default: {
      const code = `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
      if (/\p{L}/u.test(letter)) {
        return {
          message: `The letter \`${letter}\` cannot be part of a name`,
          note: 'Names are made of the letters a-z and A-Z, digits and `_`.',
        };
      }
      if (/[\p{Z}\p{C}]/u.test(letter)) {
        return {
          message: `An invisible character (${code}) stands in the expression`,
          help: 'Delete it, or replace it by a plain space.',
        };
      }
      return {
        message: `The character \`${letter}\` (${code}) is not part of the language`,
        help: 'Remove it.',
      };
    }
  }
}
