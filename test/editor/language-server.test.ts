/** The schema in an editor: what yaml-language-server, which editors run, makes of it through a spec's modeline. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, it } from 'vitest';
import { getLanguageService } from 'yaml-language-server';

const root = new URL('../../', import.meta.url);

const service = getLanguageService({
  schemaRequestService: (uri) => readFile(fileURLToPath(uri), 'utf8'),
  workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
  telemetry: {
    send: () => undefined,
    sendError: (name, properties) => {
      throw new Error(`${name}: ${JSON.stringify(properties)}`);
    },
    sendTrack: () => undefined,
  },
});
service.configure({ validate: true, completion: true, hover: true, customTags: [], yamlVersion: '1.2' });

let version = 0;

/** A document of examples/, and the place of the `|` in its text, which is taken away. */
function at(marked: string): { document: TextDocument; position: ReturnType<TextDocument['positionAt']> } {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const document = TextDocument.create(new URL('examples/edited.yaml', root).href, 'yaml', ++version, text);
  return { document, position: document.positionAt(Math.max(0, offset)) };
}

const HEAD = '# yaml-language-server: $schema=../spec/schema/v1.json\nversion: 1\n';

async function completions(marked: string): Promise<ReadonlyMap<string, unknown>> {
  const { document, position } = at(HEAD + marked);
  const { items } = await service.doComplete(document, position, false);
  return new Map(items.map(({ label, documentation }) => [label, documentation]));
}

async function hover(marked: string): Promise<unknown> {
  const { document, position } = at(HEAD + marked);
  const shown = await service.doHover(document, position);
  return (shown?.contents as { readonly value: string } | undefined)?.value
    .split('\n')
    .slice(0, -2)
    .join('\n');
}

it('completes sections, layers, options and words, each with what it means', async () => {
  const sections = await completions('|');
  expect([...sections.keys()]).toEqual(
    expect.arrayContaining(['data', 'networks', 'objective', 'train', 'lints']),
  );
  const layers = await completions('networks:\n  G:\n    - |\n');
  expect(layers.get('conv')).toBe('A 2-D convolution over height and width.');
  expect([...layers.keys()]).toEqual(expect.arrayContaining(['dense', 'elu', 'residual', 'group', 'use']));
  const options = await completions('networks:\n  G:\n    - conv:\n        filters: 3\n        |\n');
  expect(options.get('stride')).toBe('Distance between outputs: one value, or [down, across] (default 1).');
  expect(options.has('filters')).toBe(false);
  const words = await completions('data:\n  x:\n    images: ./a\n    flip: |\n');
  expect([...words.keys()]).toEqual(expect.arrayContaining(['none', 'horizontal']));
});

it('says what a key means under the pointer', async () => {
  expect(await hover('data:\n  x: { ima|ges: ./a, size: 32 }\n')).toMatchInlineSnapshot(`
    "#### began-compile spec, version 1

    The folder, relative to the spec's own.

    Example:

    \`\`\`yaml
    ./faces
    \`\`\`"
  `);
  expect(await hover('objective:\n  updates:\n    - mini|mize: 1\n')).toMatchInlineSnapshot(`
    "#### began-compile spec, version 1

    The loss: a scalar expression.

    Example:

    \`\`\`yaml
    mean(abs(x - D(x)))
    \`\`\`"
  `);
});

it('marks a misspelt key where it stands', async () => {
  const { document } = at(`${HEAD}train: { batc: 1, batch: 1, steps: 1 }\n`);
  const found = await service.doValidation(document, false);
  const misspelt = found.filter(({ message }) => message.includes('batc '));
  expect(misspelt.map(({ message, range }) => ({ message, text: document.getText(range) }))).toEqual([
    { message: 'Property batc is not allowed.', text: 'batc' },
  ]);
});

const specs = ['examples/', 'examples/toy/', 'spec/templates/'].flatMap((folder) =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => folder + name),
);

it.each(specs)('%s has the modeline, and an editor marks nothing in it', async (path) => {
  const url = new URL(path, root);
  const text = readFileSync(url, 'utf8');
  expect(text.split('\n', 1)[0]).toMatch(
    /^# yaml-language-server: \$schema=(\.\.\/)+(spec\/)?schema\/v1\.json$/,
  );
  const document = TextDocument.create(url.href, 'yaml', 1, text);
  expect(await service.doValidation(document, false)).toEqual([]);
});
