/** docs/diagnostics-style.md, as far as a machine can tell, over every text that is written down in this repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

type Part = 'message' | 'label' | 'sentences';

interface Text {
  readonly part: Part;
  readonly text: string;
  readonly where: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(ROOT + path, 'utf8');
const sourcesBelow = (folder: string): string[] =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);

/** Stands for what a template fills in. */
const FILLED = '\ufffc';

/** What is wrong with a text, or undefined. */
function complaint({ part, text }: Text): string | undefined {
  const prose = text.replace(/`[^`]*`/g, '`');
  if (/(^|[\s(])(["'])[^"'\n]+\2/.test(prose)) return 'quotation marks where `backticks` belong';
  if (part === 'label') {
    return /^[a-z`\ufffc]/.test(text) && !text.endsWith('.') ? undefined : 'a label is short and lower case';
  }
  if (!/^[A-Z`\ufffc]/.test(text)) return 'no capital at the start';
  if (part === 'message') return text.endsWith('.') ? 'a full stop after a message' : undefined;
  return /[.?\ufffc]$/.test(text) ? undefined : 'no full stop at the end';
}

const complaints = (texts: readonly Text[]): string[] =>
  texts.flatMap((text) => {
    const found = complaint(text);
    return found === undefined ? [] : [`${text.where}: ${found}: ${text.text}`];
  });

/** The lines of rendered diagnostics; in a test's source, backticks are escaped. */
function rendered(path: string): Text[] {
  const parts: readonly (readonly [RegExp, Part])[] = [
    [/^ *(?:error|warning|information)\[[a-z/-]+\] (.+)$/, 'message'],
    [/^ *note: (.+)$/, 'label'],
    [/^ *(?:why|help): (.+)$/, 'sentences'],
  ];
  return read(path)
    .replaceAll('\\`', '`')
    .split('\n')
    .flatMap((line, index) =>
      parts.flatMap(([pattern, part]) => {
        const text = pattern.exec(line)?.[1];
        return text === undefined ? [] : [{ part, text, where: `${path}:${index + 1}` }];
      }),
    );
}

const PROPERTIES: ReadonlyMap<string, Part> = new Map([
  ['message', 'message'],
  ['note', 'sentences'],
  ['help', 'sentences'],
]);

/** `message`, `note` and `help` of every object literal, and the arguments of `refuse(message, help)`. */
function inSource(path: string): Text[] {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const texts: Text[] = [];
  const take = (part: Part, expression: ts.Expression): void => {
    const { line } = file.getLineAndCharacterOfPosition(expression.getStart());
    for (const text of literals(expression)) texts.push({ part, text, where: `${path}:${line + 1}` });
  };
  const visit = (node: ts.Node, isRelated: boolean): void => {
    let related = isRelated;
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText();
      const part = PROPERTIES.get(name);
      related ||= name === 'related';
      if (part !== undefined) take(related && part === 'message' ? 'label' : part, node.initializer);
    } else if (ts.isVariableDeclaration(node)) {
      related ||= node.name.getText() === 'related';
    } else if (ts.isCallExpression(node) && node.expression.getText() === 'refuse') {
      const [message, help] = node.arguments;
      if (message !== undefined) take('message', message);
      if (help !== undefined) take('sentences', help);
    }
    ts.forEachChild(node, (child) => visit(child, related));
  };
  visit(file, false);
  return texts;
}

/** The texts an expression can become, with `FILLED` for what is only known when it runs. */
function literals(expression: ts.Expression): string[] {
  if (ts.isConditionalExpression(expression)) {
    return [...literals(expression.whenTrue), ...literals(expression.whenFalse)];
  }
  if (ts.isBinaryExpression(expression)) {
    const chooses = [ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken];
    return chooses.includes(expression.operatorToken.kind)
      ? [...literals(expression.left), ...literals(expression.right)]
      : [];
  }
  if (ts.isParenthesizedExpression(expression)) return literals(expression.expression);
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (!ts.isTemplateExpression(expression)) return [];
  return [expression.head.text + expression.templateSpans.map((span) => FILLED + span.literal.text).join('')];
}

/** Descriptions of keys and parameters are what `why:` says about them. */
function descriptions(path: string): Text[] {
  const texts: Text[] = [];
  JSON.parse(read(path), (key: string, value: unknown) => {
    if (key === 'description' && typeof value === 'string') {
      texts.push({ part: 'sentences', text: value, where: path });
    }
    return value;
  });
  return texts;
}

describe('diagnostics speak with one voice', () => {
  it.each([
    'spec/refusals.txt',
    'compiler/model/diagnostics.test.ts',
    'test/diagnostics/mistakes.txt',
    'test/diagnostics/lints.txt',
    'docs/diagnostics.md',
  ])('as users read them: %s', (path) => {
    const texts = rendered(path);
    expect(texts.length).toBeGreaterThan(60);
    expect(complaints(texts)).toEqual([]);
  });

  it('where they are written in the sources', () => {
    const texts = ['spec', 'compiler/model', 'compiler/lints', 'runtimes']
      .flatMap(sourcesBelow)
      .flatMap(inSource);
    expect(texts.length).toBeGreaterThan(250);
    expect(complaints(texts)).toEqual([]);
  });

  it.each(['spec/schema/v1.json', 'spec/schema/library-v1.json'])('in the descriptions of %s', (path) => {
    expect(complaints(descriptions(path))).toEqual([]);
  });

  it.each<[Part, string, string | undefined]>([
    ['message', 'the file is empty', 'no capital at the start'],
    ['message', 'The file is empty.', 'a full stop after a message'],
    ['message', 'There is no tap "top" above', 'quotation marks where `backticks` belong'],
    ['message', "There is no tap 'top' above", 'quotation marks where `backticks` belong'],
    ['message', '`say "no"` is not a name of the user\'s', undefined],
    ['sentences', 'Use 32', 'no full stop at the end'],
    ['sentences', 'Did you mean `top`?', undefined],
    ['label', 'Used here', 'a label is short and lower case'],
  ])('and a test would hear another one: %s %s', (part, text, expected) => {
    expect(complaint({ part, text, where: '' })).toBe(expected);
  });
});
