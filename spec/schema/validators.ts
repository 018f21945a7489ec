/**
 * The schemas as functions. Here ajv makes them when they are first needed, which takes a tenth of a second and
 * `new Function`; the build writes them out as code that needs neither, in the place of this module
 * (scripts/schema-code.mjs).
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { LANGUAGE, pointerOf } from './language.js';
import type { SchemaName } from './language.js';

/** A mistake as ajv reports it. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string | undefined;
}

export interface Validator {
  (document: unknown): boolean;
  /** Of the last call that gave false. */
  errors?: readonly SchemaError[] | null;
}

/** For the code that the build writes as well; that the schemas are well-formed is tested, not checked here. */
export const AJV_OPTIONS = {
  allErrors: true,
  // Our own sentences say what is wrong.
  messages: false,
  // Less code: what several places refer to is one function.
  inlineRefs: false,
  validateSchema: false,
  meta: false,
  strictRequired: false,
  strictTypes: false,
} as const;

let compiler: Ajv2020 | undefined;

export function validatorOf(name: SchemaName): Validator {
  compiler ??= new Ajv2020({ ...AJV_OPTIONS, schemas: [LANGUAGE] });
  const validate = compiler.getSchema(pointerOf(name));
  if (validate === undefined) throw new TypeError(`internal: no schema ${name}`);
  return validate as Validator;
}
