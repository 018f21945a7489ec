/**
 * Writes the validators of the schemas as plain code (ajv's standalone mode), in the place of the module that makes them at
 * run time: nothing is compiled when a spec is checked, no `new Function` is called, and ajv is not loaded.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { minifySync } from 'rolldown/utils';

const HEAD = '/** Made by scripts/schema-code.mjs from spec/schema/v1.ts and spec/schema/library.ts. */\n';
const TAIL = `
function lengthInCodePoints(text) {
  return [...text].length;
}
const VALIDATORS = { spec, library };
export const validatorOf = (name) => VALIDATORS[name];
`;

/** @param {string} dist a folder of compiled sources */
export async function writeSchemaCode(dist) {
  const load = (name) => import(pathToFileURL(join(dist, 'spec/schema', name)).href);
  const [{ AJV_OPTIONS }, { LANGUAGE, pointerOf }] = await Promise.all([
    load('validators.js'),
    load('language.js'),
  ]);
  const ajv = new Ajv2020({ ...AJV_OPTIONS, schemas: [LANGUAGE], code: { source: true, esm: true } });
  const made = standalone.default(ajv, { spec: pointerOf('spec'), library: pointerOf('library') });
  const code = made
    .replace('"use strict";', '')
    // The one helper of ajv that our schemas need.
    .replaceAll(/require\("ajv\/dist\/runtime\/ucs2length"\)\.default/g, 'lengthInCodePoints');
  if (code.includes('require(')) throw new Error('the validators need another module of ajv');
  const { code: small } = minifySync('validators.js', code + TAIL, { module: true });
  await writeFile(join(dist, 'spec/schema/validators.js'), HEAD + small);
}
