// Schemas that take nothing which they do not name, and proof that each of them can refuse.

/** Where a schema's parts stand. */
const [NAMED, LISTED, ALONE, JOINED] = [['properties', '$defs', 'patternProperties', 'schemas'], ['prefixItems'], ['items', 'additionalProperties', 'not', 'if', 'then', 'else'], ['allOf', 'anyOf', 'oneOf']];
/** What nothing allows. */
const NEVER = { 'no such field': [] };

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The same schema, in which every object ends with its named fields; what is joined with others ends only together with
 * them. @param {any} schema @param {boolean} [joined] @returns {any} */
export function closed(schema, joined = false) {
  if (!isObject(schema)) return schema;
  const made = { ...schema };
  for (const key of NAMED) if (isObject(schema[key])) made[key] = Object.fromEntries(Object.entries(schema[key]).map(([name, part]) => [name, closed(part, key === '$defs' || key === 'schemas')]));
  for (const key of LISTED) if (Array.isArray(schema[key])) made[key] = schema[key].map(part => closed(part));
  for (const key of ALONE) if (isObject(schema[key])) made[key] = closed(schema[key]);
  for (const key of JOINED) if (Array.isArray(schema[key])) made[key] = schema[key].map(part => closed(part, true));
  const speaks = ['$ref', 'properties', ...JOINED].some(key => key in schema);
  const ended = ['additionalProperties', 'unevaluatedProperties'].some(key => key in schema);
  if (speaks && !ended && !joined) made.unevaluatedProperties = false;
  return made;
}

/** What a schema takes though it should not: a field that nobody knows, in any object of a value that it takes; a field of
 * any type; the whole without any of its fields. What is described as anything whatever is told apart.
 * @param {(value: any) => boolean} check @param {any} value @returns {{faults: string[], free: string[]}} */
export function tooMild(check, value) {
  const [faults, free] = [/** @type {string[]} */ ([]), /** @type {string[]} */ ([])];
  let [fields, needed] = [0, 0];
  const walk = (/** @type {any} */ part, /** @type {(other: any) => any} */ put, /** @type {string} */ path) => {
    if ([NEVER, 'x', 7, null, []].every(other => check(put(other)))) {
      free.push(path);
    } else if (check(put(NEVER))) {
      faults.push(`takes any object at ${path || '/'}`);
    } else if (Array.isArray(part)) {
      // One of a list stands for all.
      if (part.length) walk(part[0], other => put([other, ...part.slice(1)]), `${path}/0`);
    } else if (isObject(part)) {
      if (check(put({ ...part, ...NEVER }))) faults.push(`takes an unknown field at ${path || '/'}`);
      for (const [key, own] of Object.entries(part)) {
        const { [key]: _, ...less } = part;
        fields += 1;
        if (!check(put(less))) needed += 1;
        walk(own, other => put({ ...part, [key]: other }), `${path}/${key}`);
      }
    }
  };
  walk(value, other => other, '');
  if (fields && !needed) faults.push('needs no field at all');
  return { faults, free };
}
