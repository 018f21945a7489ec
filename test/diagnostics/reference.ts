/** docs/diagnostics.md: every page, with what the bad example is answered. */
import { format, resolveConfig } from 'prettier';
import { DIAGNOSTIC_CODES } from '../../spec/diagnostics/codes.js';
import { pageOf, STAGE_NAMES } from '../../spec/diagnostics/pages.js';
import type { Example, Stage } from '../../spec/diagnostics/pages/page.js';
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { CODES, findings } from './examples.js';

const INTRODUCTION = `# Diagnostics

Everything that began-compile says has a code. \`began-compile explain CODE\` shows its page in the terminal. This file is made from the
same pages and checked by a test; the answers below the bad examples are what the command really says.

The part before the slash says who speaks: \`yaml\` reads the file, \`schema\` knows the keys, \`expression\` the equations, \`model\` names
and shapes, \`lint\` what compiles and mostly does not do what is meant, \`data\`, \`run\`, \`wasm\`, \`webgpu\` and \`cuda\` what happens when a spec
is run.

A lint is switched off, or made an error, in the spec: \`lints: { elu-under-penalty: off, large-rate: error }\`.
`;

const TITLES: Readonly<Record<Stage, string>> = {
  yaml: 'Reading the file',
  schema: 'Keys and values',
  expression: 'Expressions',
  model: 'Names and shapes',
  lint: 'Lints',
  data: 'Data',
  run: 'Running',
  wasm: 'Threads',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
};

export async function referenceText(path: string): Promise<string> {
  const parts = [INTRODUCTION];
  for (const stage of STAGE_NAMES) {
    parts.push(`## ${TITLES[stage]}\n`);
    for (const code of CODES.filter((one) => one.startsWith(`${stage}/`))) {
      const { explanation, bad, good } = await pageOf(code);
      parts.push(`### ${code}\n`, `**${DIAGNOSTIC_CODES[code]}.** ${explanation}\n`);
      parts.push('Bad:\n', shown(bad), answer(bad), 'Good:\n', shown(good));
    }
  }
  return format(parts.filter((part) => part !== '').join('\n'), {
    ...(await resolveConfig(path)),
    parser: 'markdown',
    // Examples stand as they are: a bad one may not even be YAML.
    embeddedLanguageFormatting: 'off',
  });
}

function shown(example: Example): string {
  const block = (text: string, language: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
  if (example.kind === 'command') return `${block(`$ ${example.text}`, 'sh')}\n${example.where}\n`;
  const files = Object.entries(example.files ?? {}).map(
    ([path, text]) => `with \`${path}\`:\n\n${block(text, 'yaml')}`,
  );
  return [
    block(example.text, 'yaml'),
    ...files,
    ...(example.where === undefined ? [] : [`${example.where}\n`]),
  ].join('\n');
}

function answer(bad: Example): string {
  if (bad.kind === 'command' || bad.where !== undefined) return '';
  return `\`\`\`text\n${renderDiagnostics(findings(bad))}\n\`\`\`\n`;
}
