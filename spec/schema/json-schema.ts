/** The part of JSON Schema draft 2020-12 that our schemas are made of. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly dependentSchemas?: Readonly<Record<string, JsonSchema>>;
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
  readonly else?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** A choice made by one condition at a time, so that only the branch that was meant reports its mistakes. */
export function choose(
  description: string,
  cases: readonly { readonly when: JsonSchema; readonly then: JsonSchema }[],
  otherwise: JsonSchema,
): JsonSchema {
  return cases.reduceRight<JsonSchema>(
    (rest, { when, then }, index) => ({
      ...(index === 0 ? { description } : {}),
      if: when,
      then,
      else: rest,
    }),
    otherwise,
  );
}

/** True of a mapping that has the key. */
export function hasKey(key: string): JsonSchema {
  return { type: 'object', required: [key] };
}

export const isObject: JsonSchema = { type: 'object' };
export const isArray: JsonSchema = { type: 'array' };
export const isString: JsonSchema = { type: 'string' };

/** Exactly one of the keys must be there. */
export function exactlyOne(keys: readonly string[]): Pick<JsonSchema, 'oneOf'> {
  return { oneOf: keys.map((key) => ({ required: [key] })) };
}

export function reference(
  definition: string,
  description: string,
  examples?: readonly unknown[],
): JsonSchema {
  return { $ref: `#/$defs/${definition}`, description, ...(examples === undefined ? {} : { examples }) };
}
