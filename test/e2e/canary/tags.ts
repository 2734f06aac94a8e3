import type { Exchange } from '../../../local-aws/observation.ts';

/** Every tag of a request and its answer, in JSON or in a form. */
export function tagsIn({ request, response }: Exchange): unknown[] {
  return [
    ...ofForm(request.body),
    ...ofForm(Buffer.from(request.query.toString())),
    ...[request.body, response.body].flatMap(ofJson),
  ];
}

function ofForm(body: Buffer): unknown[] {
  if (!body.subarray(0, 4096).includes('Action=')) return [];
  const parameters = [...new URLSearchParams(body.toString('latin1'))].filter(([name]) => /^tags?\./i.test(name));
  return parameters.length > 0 ? [parameters] : [];
}

function ofJson(body: Buffer): unknown[] {
  if (body[0] !== '{'.charCodeAt(0)) return [];
  try {
    return inValue(JSON.parse(body.toString()));
  } catch {
    // It only began as JSON does, as a part of a longer answer.
    return [];
  }
}

function inValue(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(inValue);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(/^tags$/i.test(name) ? [inner] : []),
    ...inValue(inner),
  ]);
}
