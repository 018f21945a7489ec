/** Turns what ajv found at one place into one diagnostic per mistake. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { YamlNode } from '../yaml/node.js';
import { lonelyKey, missingKeys, strayLayers, unknownKey, wrongKind } from './explain-keys.js';
import { wrongLength, wrongName, wrongText, wrongType, wrongValue, wrongWord } from './explain-values.js';
import type { JsonSchema } from './json-schema.js';
import { schemaAt } from './resolve.js';
import type { Place } from './resolve.js';
import { actual, content, Subject } from './subject.js';

export function explain(
  schema: JsonSchema,
  root: YamlNode,
  place: Place,
  errors: readonly ErrorObject[],
): Diagnostic[] {
  const subject = new Subject(schema, place, schemaAt(schema, root, place.path));
  // `if` only repeats what its branch says; what stands inside a oneOf or anyOf is told by the oneOf or anyOf.
  const told = errors.filter(
    ({ keyword, schemaPath, propertyName }) =>
      keyword !== 'if' && !/\/(oneOf|anyOf)\/\d+\//.test(schemaPath) && propertyName === undefined,
  );
  if (told.some(({ keyword }) => keyword === 'type')) return [wrongType(subject)];

  const unknown = told
    .filter(({ keyword }) => keyword === 'additionalProperties')
    .map(({ params }) => String(params['additionalProperty']));
  const kind = told.find(({ keyword }) => keyword === 'oneOf');
  if (kind !== undefined) {
    // Without a kind, no other key of the mapping can be judged.
    const kinds = (kind.schema as readonly JsonSchema[]).map((branch) => branch.required![0]!);
    return [wrongKind(subject, kinds, unknown)];
  }
  const replaced = new Set<string>();
  const diagnostics = unknown.map((key) => {
    const { diagnostic, meant } = unknownKey(subject, key);
    if (meant !== undefined) replaced.add(meant);
    return diagnostic;
  });
  // A misspelt key is one mistake, not an unknown key and a missing one.
  const missing = told
    .filter(({ keyword }) => keyword === 'required')
    .map(({ params }) => String(params['missingProperty']))
    .filter((key) => !replaced.has(key));
  if (missing.length > 0) diagnostics.push(missingKeys(subject, missing));
  for (const error of told) {
    if (error.keyword !== 'additionalProperties' && error.keyword !== 'required') {
      diagnostics.push(explainOne(subject, error));
    }
  }
  return diagnostics;
}

function explainOne(subject: Subject, error: ErrorObject): Diagnostic {
  const parameters = error.params as Readonly<Record<string, unknown>>;
  const limit = String(error.schema);
  switch (error.keyword) {
    case 'dependentRequired':
      return lonelyKey(subject, String(parameters['property']), String(parameters['missingProperty']));
    case 'anyOf':
      return strayLayers(subject);
    case 'propertyNames':
      return wrongName(subject, String(parameters['propertyName']));
    case 'enum':
      return wrongWord(subject, (error.schema as readonly unknown[]).map(String));
    case 'pattern':
      return wrongText(subject);
    case 'const':
      return wrongValue(subject, `must be ${limit}, but this is ${actual(subject.node)}`);
    case 'minimum':
      return wrongValue(subject, `must be at least ${limit}, but it is ${content(subject.node)}`);
    case 'maximum':
      return wrongValue(subject, `must be at most ${limit}, but it is ${content(subject.node)}`);
    case 'exclusiveMinimum':
      return wrongValue(subject, `must be more than ${limit}, but it is ${content(subject.node)}`);
    case 'exclusiveMaximum':
      return wrongValue(subject, `must be less than ${limit}, but it is ${content(subject.node)}`);
    case 'minItems':
    case 'maxItems':
      return wrongLength(subject, Number(error.schema));
    case 'minLength':
    case 'minProperties':
      return wrongValue(subject, 'is empty');
    default:
      return wrongValue(subject, error.message ?? 'is not allowed');
  }
}
