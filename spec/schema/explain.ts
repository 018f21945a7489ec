/** Turns what ajv found at one place into one diagnostic per mistake. */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { YamlNode } from '../yaml/node.js';
import { entryOf } from '../yaml/node.js';
import { DATA_KIND_NAMES } from './data-kinds.js';
import { lonelyKey, missingKeys, strayLayers, unknownKey, wrongKind } from './explain-keys.js';
import { wrongLength, wrongName, wrongText, wrongType, wrongValue, wrongWord } from './explain-values.js';
import type { JsonSchema } from './json-schema.js';
import { schemaAt } from './resolve.js';
import type { Place } from './resolve.js';
import { actual, content, Subject } from './subject.js';
import type { SchemaError } from './validators.js';

export function explain(
  schema: JsonSchema,
  root: YamlNode,
  place: Place,
  errors: readonly SchemaError[],
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
    const kinds = (subject.site?.resolved.oneOf ?? []).map((branch) => branch.required![0]!);
    return [wrongKind(subject, kinds, unknown)];
  }
  if (isDoubtfulSource(subject, unknown)) {
    // Where `labels` is an option it says no kind.
    const said = DATA_KIND_NAMES.filter((name) => name !== 'labels' || unknown.includes(name));
    return [wrongKind(subject, said, unknown)];
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
  // What a file lacks that tried to extend another one is not known.
  if (missing.length > 0 && !replaced.has('extends')) diagnostics.push(missingKeys(subject, missing));
  for (const error of told) {
    if (error.keyword === 'additionalProperties' || error.keyword === 'required') continue;
    // `{ repeat: [...] }`: that the layers stand in the wrong place is said about the value.
    const holder = entryOf(subject.node, String(error.params['property']));
    if (error.keyword === 'dependentRequired' && holder !== undefined && holder.value.kind !== 'scalar')
      continue;
    diagnostics.push(explainOne(subject, error));
  }
  return diagnostics;
}

/**
 * A source that has been taken for one kind but may be meant as another: `{ images: ./a, mnist: train }`, or
 * `{ imagse: ./a, labels: folders }`, which has only the key of labels of another stream.
 */
function isDoubtfulSource(subject: Subject, unknown: readonly string[]): boolean {
  const { path } = subject.place;
  if (path[0] !== 'data' || path.length !== 2) return false;
  const isMisspelt = (key: string): boolean => subject.meant(key, DATA_KIND_NAMES) !== undefined;
  return (
    unknown.some((key) => DATA_KIND_NAMES.some((kind) => kind === key)) ||
    (subject.knownKeys.join() === 'labels' && unknown.some(isMisspelt))
  );
}

function explainOne(subject: Subject, error: SchemaError): Diagnostic {
  const parameters = error.params;
  const limit = String(parameters['limit']);
  switch (error.keyword) {
    case 'dependentRequired':
      return lonelyKey(subject, String(parameters['property']), String(parameters['missingProperty']));
    case 'anyOf':
      return strayLayers(subject);
    case 'propertyNames':
      return wrongName(subject, String(parameters['propertyName']));
    case 'enum':
      return wrongWord(subject, (parameters['allowedValues'] as readonly unknown[]).map(String));
    case 'pattern':
      return wrongText(subject);
    case 'const':
      return wrongValue(
        subject,
        `must be ${String(parameters['allowedValue'])}, but this is ${actual(subject.node)}`,
      );
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
      return wrongLength(subject, Number(limit));
    case 'minLength':
    case 'minProperties':
      return wrongValue(subject, 'is empty');
    default:
      return wrongValue(subject, 'is not allowed');
  }
}
